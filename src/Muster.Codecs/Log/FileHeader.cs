using System.Buffers.Binary;
using System.Text;

namespace Muster.Codecs.Log;

/// <summary>What the first 64 bytes of every kind of file have in common: a magic word, a version, fields, their checksum, zeros.</summary>
/// <param name="what">The header's name in messages.</param>
/// <param name="kind">What a file that begins otherwise is not.</param>
/// <param name="magic">Its first 8 bytes.</param>
/// <param name="version">The version this program reads and writes.</param>
/// <param name="fieldsEnd">Where the fields end and their checksum stands.</param>
internal sealed class FileHeader(string what, string kind, string magic, uint version, int fieldsEnd)
{
    /// <summary>Less than a sector, so that it is there whole or not at all.</summary>
    public const int Bytes = 64;

    /// <summary>Where a file's own fields begin.</summary>
    public const int FieldsAt = VersionAt + sizeof(uint);

    private const int VersionAt = 8;
    private readonly byte[] _magic = Encoding.ASCII.GetBytes(magic);

    /// <summary>Clears the header and writes what comes before its fields.</summary>
    public void Begin(Span<byte> header)
    {
        header.Clear();
        _magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[VersionAt..], version);
    }

    /// <summary>Writes the checksum, once the fields are there.</summary>
    public void Seal(Span<byte> header) => BinaryPrimitives.WriteUInt32LittleEndian(header[fieldsEnd..], Crc32C.Of(header[..fieldsEnd]));

    /// <summary>The checksum of a sealed header.</summary>
    public uint Checksum(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[fieldsEnd..]);

    /// <summary>The header at the start of a file.</summary>
    /// <exception cref="CodecException">It is not one, is damaged, or is of a version this program does not know.</exception>
    public ReadOnlySpan<byte> Require(ReadOnlySpan<byte> source)
    {
        if (source.Length < Bytes)
            throw Bad(source.Length, $"it ends after {source.Length} of {Bytes} bytes");
        source = source[..Bytes];
        if (!source.StartsWith(_magic))
            throw Bad(0, $"it does not begin with {magic}: the file is no {kind}");
        var found = BinaryPrimitives.ReadUInt32LittleEndian(source[VersionAt..]);
        if (found != version)
            throw Bad(VersionAt, $"version {found} is not {version}, the one this program knows: use the muster that wrote it");
        if (Checksum(source) != Crc32C.Of(source[..fieldsEnd]))
            throw Bad(fieldsEnd, "its checksum does not match");
        var blankAt = fieldsEnd + sizeof(uint);
        if (source[blankAt..].ContainsAnyExcept((byte)0))
            throw Bad(blankAt, "the bytes after its checksum are not zero");
        return source;
    }

    /// <summary>The header is refused because of what stands at an offset.</summary>
    public CodecException Bad(long offset, string detail) => new(what, offset, detail);
}
