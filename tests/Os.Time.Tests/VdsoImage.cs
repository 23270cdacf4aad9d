using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// The vDSO as the kernel maps it, in this process: four data pages, then the image. Its functions are called by the C ABI
/// of Linux, so this works on x86-64 Linux hosts only.
/// </summary>
internal sealed unsafe class VdsoImage : IDisposable
{
    private const int Page = 4096, DataPages = 4, Pages = 16;
    private const int ReadWriteExecute = 7, PrivateAnonymous = 0x22;

    private readonly byte* _base;
    private readonly byte[] _file;

    internal VdsoImage(string path)
    {
        _file = File.ReadAllBytes(path);
        _base = (byte*)Map(0, Pages * Page, ReadWriteExecute, PrivateAnonymous, -1, 0);
        if ((long)_base < 0) throw new InvalidOperationException("mmap failed");
        _file.AsSpan(0, Math.Min(_file.Length, (Pages - DataPages) * Page)).CopyTo(new Span<byte>(Image, (Pages - DataPages) * Page));
    }

    internal static bool IsPossible => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal byte* Vvar => _base;

    internal byte* TimensPage => _base + 3 * Page;

    private byte* Image => _base + DataPages * Page;

    /// <summary>Address of an exported function, through the section headers' dynamic symbol table.</summary>
    internal void* Find(string name)
    {
        ReadOnlySpan<byte> f = _file;
        int sections = (int)BinaryPrimitives.ReadUInt64LittleEndian(f[40..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(f[60..]);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> s = f[(sections + i * 64)..];
            const uint dynamicSymbols = 11;
            if (BinaryPrimitives.ReadUInt32LittleEndian(s[4..]) != dynamicSymbols) continue;
            int link = BinaryPrimitives.ReadInt32LittleEndian(s[40..]);
            int strings = (int)BinaryPrimitives.ReadUInt64LittleEndian(f[(sections + link * 64 + 24)..]);
            int at = (int)BinaryPrimitives.ReadUInt64LittleEndian(s[24..]), size = (int)BinaryPrimitives.ReadUInt64LittleEndian(s[32..]);
            for (int k = at; k < at + size; k += 24)
            {
                ReadOnlySpan<byte> text = f[(strings + BinaryPrimitives.ReadInt32LittleEndian(f[k..]))..];
                if (Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]) == name)
                    return Image + BinaryPrimitives.ReadUInt64LittleEndian(f[(k + 8)..]);
            }
        }
        throw new InvalidOperationException($"the vDSO has no {name}");
    }

    public void Dispose() => Unmap((nint)_base, Pages * Page);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Map(nint address, nint length, int protection, int flags, int fd, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(nint address, nint length);
}
