using System.Text;

namespace CoSim.Os.Loader;

/// <summary>What the firmware finds in the flash directory, under the names that it looks for.</summary>
/// <param name="Kernel">The operating system: an ELF64 file with a PVH entry note.</param>
/// <param name="Initramfs">One or more cpio newc archives, one after another.</param>
/// <param name="CommandLine">The operating system's command line.</param>
public sealed record BootFiles(byte[] Kernel, byte[] Initramfs, string CommandLine)
{
    private const uint ExecutablePermissions = 0x1ED; // rwxr-xr-x
    private const uint ReadPermissions = 0x124; // r--r--r--

    /// <summary>The entries of the flash directory: "kernel", "initrd" and "cmdline" (text without a final NUL).</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> FlashEntries =>
    [
        new("kernel", Kernel),
        new("initrd", Initramfs),
        new("cmdline", Encoding.UTF8.GetBytes(CommandLine)),
    ];

    /// <summary>Our operating system with one job for its init.</summary>
    /// <param name="images">The built images.</param>
    /// <param name="job">What init does.</param>
    /// <param name="program">A program to bring along; null when the default initramfs has it.</param>
    /// <param name="parameters">More parameters for the operating system; may be empty.</param>
    /// <exception cref="BadInputException">An image is missing, or the job cannot be written.</exception>
    public static BootFiles ForJob(GuestImages images, InitJob job, ProgramPackage? program, string parameters)
    {
        CpioWriter overlay = new();
        overlay.AddDirectory("run", ExecutablePermissions);
        overlay.AddFile(InitJob.Path, ReadPermissions, job.ToFile());
        if (program != null)
        {
            overlay.AddDirectory("bin", ExecutablePermissions);
            overlay.AddFile(program.GuestPath[1..], ExecutablePermissions, program.Content);
        }
        OsCommandLine commandLine = new OsCommandLine().Add("console=ttyS0").Add("init=/init").Add("panic=-1");
        if (parameters.Length > 0)
            commandLine.Add(parameters);
        commandLine.AddInitArguments(["@/" + InitJob.Path]);
        return new BootFiles(GuestImages.Read(images.KernelPath), [.. GuestImages.Read(images.InitramfsPath), .. overlay.Finish()], commandLine.ToString());
    }
}
