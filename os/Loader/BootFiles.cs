using System.Text;

namespace CoSim.Os.Loader;

/// <summary>What the firmware finds in the flash directory, under the names that it looks for.</summary>
/// <param name="Kernel">The operating system: an ELF64 file with a PVH entry note.</param>
/// <param name="Initramfs">One or more cpio newc archives, one after another.</param>
/// <param name="CommandLine">The operating system's command line.</param>
public sealed record BootFiles(byte[] Kernel, byte[] Initramfs, string CommandLine)
{
    /// <summary>The entries of the flash directory: "kernel", "initrd" and "cmdline" (text without a final NUL).</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> FlashEntries =>
    [
        new("kernel", Kernel),
        new("initrd", Initramfs),
        new("cmdline", Encoding.UTF8.GetBytes(CommandLine)),
    ];
}
