using System.Globalization;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>What an initramfs holds, as far as it can be read: cpio archives in the newc format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
public sealed class CpioListing
{
    private const int HeaderBytes = 110, MagicBytes = 6, FieldBytes = 8, Alignment = 4;
    private const int ModeField = 1, SizeField = 6, NameSizeField = 11;
    private const uint TypeMask = 0xF000, SymbolicLink = 0xA000;
    private const string Trailer = "TRAILER!!!";

    private readonly Dictionary<string, bool> _isLink = [];

    private CpioListing(ReadOnlySpan<byte> archives)
    {
        int at = 0;
        while (true)
        {
            while (at < archives.Length && archives[at] == 0)
                at++;
            if (at == archives.Length)
            {
                IsWhole = true;
                return;
            }

            if (!TryEntry(archives, ref at))
                return;
        }
    }

    /// <summary>Whether all of it could be read: what is packed cannot.</summary>
    public bool IsWhole { get; }

    /// <summary>Reads one archive or several, one after another.</summary>
    public static CpioListing Read(ReadOnlySpan<byte> archives) => new(archives);

    /// <summary>Whether there is a file of this absolute path; null when that cannot be told: a part is packed, or the path leads through a symbolic link.</summary>
    public bool? Has(string path)
    {
        string name = Normal(path);
        if (_isLink.ContainsKey(name))
            return true;
        for (int slash = name.IndexOf('/'); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            if (_isLink.GetValueOrDefault(name[..slash]))
                return null;
        }

        return IsWhole ? false : null;
    }

    private bool TryEntry(ReadOnlySpan<byte> archives, ref int at)
    {
        ReadOnlySpan<byte> rest = archives[at..];
        if (rest.Length < HeaderBytes || !(rest.StartsWith("070701"u8) || rest.StartsWith("070702"u8))
            || Field(rest, ModeField) is not { } mode || Field(rest, SizeField) is not { } size || Field(rest, NameSizeField) is not { } nameSize
            || nameSize == 0 || HeaderBytes + (long)nameSize > rest.Length)
            return false;
        string name = Encoding.UTF8.GetString(rest.Slice(HeaderBytes, (int)nameSize - 1));
        long data = Aligned(HeaderBytes + (long)nameSize), end = Aligned(data + size);
        if (data + size > rest.Length)
            return false;
        if (name != Trailer)
            _isLink[Normal(name)] = (mode & TypeMask) == SymbolicLink;
        at += (int)Math.Min(end, rest.Length);
        return true;
    }

    private static uint? Field(ReadOnlySpan<byte> header, int index) =>
        uint.TryParse(header.Slice(MagicBytes + (index * FieldBytes), FieldBytes), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ? value : null;

    private static long Aligned(long position) => (position + Alignment - 1) & -Alignment;

    private static string Normal(string path) => (path.StartsWith("./", StringComparison.Ordinal) ? path[1..] : path).TrimStart('/');
}
