namespace CoSim.Os.Loader;

/// <summary>How a Linux kernel is started without firmware.</summary>
public enum LinuxProtocol
{
    /// <summary>The vmlinux at its 64-bit entry point (Documentation/x86/boot.rst, "64-bit boot protocol").</summary>
    Linux64,

    /// <summary>The vmlinux at its PVH entry point, in 32-bit protected mode.</summary>
    Pvh,

    /// <summary>
    /// The bzImage as it is, at its 64-bit entry point, or at the 32-bit one when it has no other: the kernel decompresses itself inside the
    /// machine.
    /// </summary>
    BzImage,
}

/// <summary>A Linux kernel's file, read as far as a boot protocol needs it.</summary>
/// <param name="File">The file's name, for messages.</param>
/// <param name="Content">All bytes of the file.</param>
/// <param name="Vmlinux">The ELF file: the file itself, or a bzImage's payload; empty when it has none.</param>
/// <param name="Header">The bzImage's setup header; null for a vmlinux.</param>
public sealed record LinuxImage(string File, byte[] Content, byte[] Vmlinux, LinuxSetupHeader? Header)
{
    /// <summary>Reads a kernel.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <exception cref="BadInputException">It cannot be read, is no x86-64 Linux kernel, or needs a decompressor that is not there.</exception>
    public static LinuxImage Read(string path)
    {
        byte[] content = InputFile.Read(path);
        LinuxSetupHeader? header = LinuxSetupHeader.Find(content);
        return new LinuxImage(path, content, header is { HasPayload: false } ? [] : LinuxKernel.Unpack(path, content), header);
    }
}
