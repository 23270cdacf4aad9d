using System.Globalization;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>
/// Writes a cpio archive in the "newc" format, the format of a Linux initramfs (Linux Documentation/driver-api/early-userspace/
/// buffer-format.rst; cpio(5) "New ASCII Format"). Several archives may stand one after another, so a program is added to
/// the default initramfs by appending an archive to it.
/// </summary>
/// <remarks>The output depends on the calls only: inode numbers count up and all times are 0.</remarks>
public sealed class CpioWriter
{
    private const uint TypeDirectory = 0x4000;
    private const uint TypeRegular = 0x8000;
    private const uint TypeSymbolicLink = 0xA000;
    private const uint PermissionMask = 0xFFF;

    private readonly MemoryStream _archive = new();
    private uint _inode;

    /// <summary>Adds a directory.</summary>
    /// <param name="path">Path without a leading slash.</param>
    /// <param name="permissions">The low 12 bits of the mode.</param>
    public void AddDirectory(string path, uint permissions) => AddEntry(path, TypeDirectory | (permissions & PermissionMask), 2, []);

    /// <summary>Adds a regular file.</summary>
    /// <param name="path">Path without a leading slash.</param>
    /// <param name="permissions">The low 12 bits of the mode.</param>
    /// <param name="content">The file's bytes, at most 4 GiB - 1 as the format's size field has 32 bits.</param>
    public void AddFile(string path, uint permissions, ReadOnlySpan<byte> content) =>
        AddEntry(path, TypeRegular | (permissions & PermissionMask), 1, content);

    /// <summary>Adds a symbolic link.</summary>
    /// <param name="path">Path without a leading slash.</param>
    /// <param name="target">What the link points to.</param>
    public void AddSymbolicLink(string path, string target) =>
        AddEntry(path, TypeSymbolicLink | PermissionMask & 0x1FF, 1, Encoding.UTF8.GetBytes(target));

    /// <summary>Ends the archive with its trailer and returns it, padded to a multiple of 512 bytes.</summary>
    public byte[] Finish()
    {
        _inode = 0xFFFF_FFFF;
        AddEntry("TRAILER!!!", 0, 1, []);
        Pad(512);
        return _archive.ToArray();
    }

    private void AddEntry(string path, uint mode, uint links, ReadOnlySpan<byte> content)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        unchecked { _inode++; }
        Span<uint> fields =
        [
            _inode, mode, 0 /* uid */, 0 /* gid */, links, 0 /* mtime */, checked((uint)content.Length),
            0, 0 /* device */, 0, 0 /* device of a special file */, (uint)name.Length + 1, 0, /* check: unused in newc */
        ];
        StringBuilder header = new("070701", 110);
        foreach (uint field in fields)
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));

        _archive.Write(Encoding.ASCII.GetBytes(header.ToString()));
        _archive.Write(name);
        _archive.WriteByte(0);
        Pad(4);
        _archive.Write(content);
        Pad(4);
    }

    private void Pad(int alignment)
    {
        while (_archive.Length % alignment != 0)
            _archive.WriteByte(0);
    }
}
