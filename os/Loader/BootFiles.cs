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
    private const uint OwnerWritePermissions = 0x1A4; // rw-r--r--

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
    public static BootFiles ForJob(GuestImages images, InitJob job, ProgramPackage? program, string parameters) =>
        ForJob(images, job, program is null ? [] : (IReadOnlyList<ProgramPackage>)[program], parameters);

    /// <summary>The same with several programs to bring along.</summary>
    public static BootFiles ForJob(GuestImages images, InitJob job, IReadOnlyList<ProgramPackage> programs, string parameters)
    {
        OsCommandLine commandLine = new OsCommandLine().Add("console=ttyS0").Add("init=/init").Add("panic=-1");
        if (parameters.Length > 0)
            commandLine.Add(parameters);
        commandLine.AddInitArguments(["@/" + InitJob.Path]);
        return new BootFiles(
            GuestImages.Read(images.KernelPath),
            [.. GuestImages.Read(images.InitramfsPath), .. Overlay(job, programs)],
            commandLine.ToString());
    }

    /// <summary>Our operating system with processes of another machine, which its init goes on with.</summary>
    /// <param name="images">The built images.</param>
    /// <param name="job">What init does.</param>
    /// <param name="processes">The image of the processes.</param>
    /// <param name="parameters">More parameters for the operating system; may be empty.</param>
    /// <exception cref="BadInputException">An image is missing, or the job cannot be written.</exception>
    public static BootFiles ForImage(GuestImages images, InitJob job, byte[] processes, string parameters)
    {
        BootFiles files = ForJob(images, job, [], parameters);
        CpioWriter image = new();
        image.AddFile(InitJob.ImagePath, ReadPermissions, processes);
        return files with { Initramfs = [.. files.Initramfs, .. image.Finish()] };
    }

    /// <summary>A Linux kernel with the user's initramfs and, for a job, our init and the job's programs on top of it.</summary>
    /// <param name="images">The built images.</param>
    /// <param name="kernel">The vmlinux.</param>
    /// <param name="initramfs">The user's initramfs, in any format that Linux takes; may be empty.</param>
    /// <param name="job">What our init does instead of the initramfs' own; null for the latter.</param>
    /// <param name="programs">Programs to bring along for the job.</param>
    /// <param name="parameters">The user's kernel parameters; the serial console is added unless they name one.</param>
    /// <exception cref="BadInputException">An image is missing, or the job cannot be written.</exception>
    public static BootFiles ForLinux(GuestImages images, byte[] kernel, byte[] initramfs, InitJob? job, IReadOnlyList<ProgramPackage> programs, string parameters)
    {
        OsCommandLine commandLine = new();
        if (!parameters.Contains("console=", StringComparison.Ordinal))
            commandLine.Add("console=ttyS0");
        if (!parameters.Contains("panic=", StringComparison.Ordinal))
            commandLine.Add("panic=-1");
        if (parameters.Length > 0)
            commandLine.Add(parameters);
        if (job is null)
            return new BootFiles(kernel, initramfs, commandLine.ToString());
        commandLine.AddInitArguments(["@/" + InitJob.Path]);
        // Linux skips zeroes between archives, and each archive must start at a multiple of four bytes.
        byte[] padding = new byte[-initramfs.Length & 3];
        return new BootFiles(
            kernel,
            [.. initramfs, .. padding, .. GuestImages.Read(images.InitramfsPath), .. Overlay(job, programs)],
            commandLine.ToString());
    }

    private static byte[] Overlay(InitJob job, IReadOnlyList<ProgramPackage> programs)
    {
        CpioWriter overlay = new();
        overlay.AddDirectory("run", ExecutablePermissions);
        overlay.AddFile(InitJob.Path, ReadPermissions, job.ToFile());
        foreach ((string path, byte[] content) in job.Files)
            overlay.AddFile(path, ReadPermissions, content);
        if (programs.Count > 0)
            overlay.AddDirectory("bin", ExecutablePermissions);
        foreach (ProgramPackage program in programs)
            overlay.AddFile(program.GuestPath[1..], ExecutablePermissions, program.Content);
        AddUserFiles(overlay, job.UserFiles);
        return overlay.Finish();
    }

    private static void AddUserFiles(CpioWriter overlay, IReadOnlyList<GuestFile> files)
    {
        foreach (string folder in files.SelectMany(f => GuestFile.Folders(f.GuestPath)).Distinct())
            overlay.AddDirectory(folder[1..], ExecutablePermissions);
        foreach (GuestFile file in files)
            overlay.AddFile(file.GuestPath[1..], file.IsExecutable ? ExecutablePermissions : OwnerWritePermissions, file.Content);
    }
}
