using System.Text;

namespace Muster.Network.Http.Protocol;

/// <summary>Reasons as header values: UTF-8, percent-encoded outside of printable ASCII.</summary>
/// <remarks>Source: gRPC over HTTP2, "Status-Message".</remarks>
internal static class StatusText
{
    /// <summary>Longest reason sent; what is beyond is cut, since whole header blocks are refused when too large.</summary>
    public const int CharactersMax = 1024;

    public static string Encode(string text)
    {
        if (text.Length <= CharactersMax && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains('%'))
            return text;
        if (text.Length > CharactersMax)
            text = text[..(char.IsHighSurrogate(text[CharactersMax - 1]) ? CharactersMax - 1 : CharactersMax)];
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(b.ToString("X2"));
        }

        return encoded.ToString();
    }

    /// <summary>What cannot be decoded stays as it is: a reason must never hide the code.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%'))
            return encoded;
        var bytes = new List<byte>(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[i + 1]) && char.IsAsciiHexDigit(encoded[i + 2]))
            {
                bytes.Add(Convert.ToByte(encoded.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(encoded, i, 1));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
