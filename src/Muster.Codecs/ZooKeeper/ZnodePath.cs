using System.Text;
using Muster.Primitives;

namespace Muster.Codecs.ZooKeeper;

/// <summary>Names of nodes: which are allowed, and how any key becomes one.</summary>
public static class ZnodePath
{
    private const string Hex = "0123456789ABCDEF";

    /// <summary>What is wrong with a path, or null: servers answer a malformed one in ways that vary.</summary>
    public static string? Flaw(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path == "/")
            return null;
        if (path.Length == 0 || path[0] != '/')
            return $"path '{path}' must begin with '/'";
        foreach (var name in path[1..].Split('/'))
        {
            if (name is "" or "." or "..")
                return $"path '{path}' has an empty name, '.' or '..' in it";
            if (name.Any(c => c is <= '\u001F' or (>= '\u007F' and <= '\u009F') or (>= '\uD800' and <= '\uF8FF') or >= '\uFFF0'))
                return $"path '{path}' has a character that ZooKeeper refuses";
        }

        return null;
    }

    /// <summary>A key as a node's name: printable ASCII as it is, all else as %XX.</summary>
    /// <remarks>No two keys have one name, and every name is allowed: '/', '%', '.' and what is not printable are escaped.</remarks>
    public static string Escape(ByteString key)
    {
        var name = new StringBuilder(key.Length + 8);
        foreach (var b in key.Span)
        {
            if (b is > 0x20 and < 0x7F and not ((byte)'/' or (byte)'%' or (byte)'.'))
                name.Append((char)b);
            else
                name.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }

        return name.ToString();
    }

    /// <summary>The key whose name this is, or null when it is none's.</summary>
    public static ByteString? Unescape(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var key = new List<byte>(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '%')
            {
                if (name[i] > 0x7E)
                    return null;
                key.Add((byte)name[i]);
                continue;
            }

            if (i + 2 >= name.Length || Hex.IndexOf(name[i + 1]) is var high && high < 0 || Hex.IndexOf(name[i + 2]) is var low && low < 0)
                return null;
            key.Add((byte)((Hex.IndexOf(name[i + 1]) << 4) | Hex.IndexOf(name[i + 2])));
            i += 2;
        }

        var bytes = new ByteString([.. key]);
        return Escape(bytes) == name ? bytes : null;
    }
}
