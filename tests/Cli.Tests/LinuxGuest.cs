namespace CoSim.Cli.Tests;

/// <summary>
/// Boots Debian's kernel, unmodified. The image is artifacts/linux/boot/vmlinuz-*, which the continuous integration unpacks from Debian's package,
/// or the host's own /boot/vmlinuz-*. Tests that use it have the category NeedsLinuxKernel.
/// </summary>
internal static class LinuxGuest
{
    private static string? s_artifacts;

    /// <summary>The folder for what builds and downloads leave behind.</summary>
    public static string Artifacts
    {
        get
        {
            DirectoryInfo? at = new(AppContext.BaseDirectory);
            while (s_artifacts is null && at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
                at = at.Parent;
            return s_artifacts ??= Path.Combine(at!.FullName, "artifacts");
        }
    }

    /// <summary>The kernel; the test is ignored when there is none, or no busybox to run on it.</summary>
    public static string Kernel
    {
        get
        {
            CosimProcess.RequireBusybox();
            string[] places = [Path.Combine(Artifacts, "linux", "boot"), "/boot"];
            string? kernel = places.Where(Directory.Exists).SelectMany(p => Directory.GetFiles(p, "vmlinuz-*")).Order().FirstOrDefault();
            if (kernel is null)
                Assert.Ignore("no Linux kernel in artifacts/linux/boot or /boot");
            return kernel!;
        }
    }

    /// <summary>Debian's kernel 6.12; the test is ignored when it is not in artifacts/linux-6.12/boot.</summary>
    public static string NewerKernel
    {
        get
        {
            CosimProcess.RequireBusybox();
            string folder = Path.Combine(Artifacts, "linux-6.12", "boot");
            string? kernel = Directory.Exists(folder) ? Directory.GetFiles(folder, "vmlinuz-6.12*").Order().LastOrDefault() : null;
            if (kernel is null)
                Assert.Ignore("no Linux 6.12 in artifacts/linux-6.12/boot");
            return kernel!;
        }
    }

    /// <summary>Ignores a test that takes long, unless COSIM_NIGHTLY is set.</summary>
    public static void RequireNightly()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("COSIM_NIGHTLY")))
            Assert.Ignore("takes long; set COSIM_NIGHTLY=1");
    }

    /// <summary>Boots and runs a script in busybox' shell.</summary>
    /// <param name="cores">Cores of the machine.</param>
    /// <param name="script">The script.</param>
    /// <param name="parameters">Kernel parameters.</param>
    /// <param name="options">More options of `cosim boot linux`.</param>
    public static CommandLine.Result Shell(int cores, string script, string parameters, params string[] options) =>
        Boot(cores, parameters, [.. options, "--exec", "/bin/busybox", "--", "sh", "-c", script]);

    /// <summary>Boots with the options given.</summary>
    public static CommandLine.Result Boot(int cores, string parameters, params string[] options) => BootKernel(Kernel, cores, parameters, options);

    /// <summary>Boots a kernel with the options given.</summary>
    public static CommandLine.Result BootKernel(string kernel, int cores, string parameters, params string[] options) => CosimProcess.Run(
        "", ["boot", "linux", "--kernel", kernel, "--cores", $"{cores}", "--memory", "512M", "--append", $"cryptomgr.notests {parameters}".TrimEnd(), .. options]);

    /// <summary>The lines of `dmesg -r` in a text that are the kernel's own (facility 0) and warnings or worse.</summary>
    public static string[] Warnings(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith('<') && int.TryParse(line.AsSpan(1, Math.Max(0, line.IndexOf('>') - 1)), out int level) && level < 5)];
}
