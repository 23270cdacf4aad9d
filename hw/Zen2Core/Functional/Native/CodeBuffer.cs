using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>
/// Memory for host machine code, mapped twice: written through one mapping and executed through the other, so that no page is ever
/// writable and executable at once. Pages cost nothing until they are used.
/// </summary>
internal sealed unsafe partial class CodeBuffer : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4;
    private const int MapShared = 1;
    private const uint CloseOnExec = 1;

    private readonly byte* _write;
    private readonly byte* _execute;

    private CodeBuffer(byte* write, byte* execute, int size)
    {
        _write = write;
        _execute = execute;
        Size = size;
    }

    /// <summary>Bytes of code that fit.</summary>
    public int Size { get; }

    /// <summary>Where offset 0 is executed.</summary>
    public nint Execute => (nint)_execute;

    /// <summary>Where offset 0 is written.</summary>
    public byte* Write => _write;

    /// <summary>Whether the host can run what <see cref="BlockTranslator"/> emits: x86-64 with the System V calling convention.</summary>
    public static bool HostIsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Maps a buffer, or gives null where the host does not allow it.</summary>
    /// <param name="size">Bytes, a multiple of the page size.</param>
    public static CodeBuffer? Create(int size)
    {
        if (!HostIsSupported)
            return null;
        int file = MemfdCreate("cosim-code", CloseOnExec);
        if (file < 0)
            return null;
        byte* write = Failed, execute = Failed;
        if (Ftruncate(file, size) == 0)
        {
            write = Mmap(null, (nuint)size, ProtRead | ProtWrite, MapShared, file, 0);
            execute = Mmap(null, (nuint)size, ProtRead | ProtExecute, MapShared, file, 0);
        }

        _ = Close(file);
        if (write != Failed && execute != Failed)
            return new CodeBuffer(write, execute, size);
        Unmap(write, size);
        Unmap(execute, size);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap(_write, Size);
        Unmap(_execute, Size);
    }

    private static byte* Failed => (byte*)-1;

    private static void Unmap(byte* address, int size)
    {
        if (address != Failed)
            _ = Munmap(address, (nuint)size);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Ftruncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);
}
