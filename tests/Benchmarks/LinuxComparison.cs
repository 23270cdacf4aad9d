using CoSim.Os.Loader;

namespace CoSim.Benchmarks;

/// <summary>
/// Boots the same kernel with the same initramfs here, translated and portable, and on QEMU (TCG), in one run, and prints processor
/// seconds and ratios: for the boot alone, and for integer user code inside Linux.
/// </summary>
internal static class LinuxComparison
{
    private const int Rounds = 300;

    /// <summary>Runs the comparison.</summary>
    /// <param name="arguments">The cosim command, the kernel (vmlinux or bzImage), and the statically linked workload (Guest/workload.c).</param>
    public static int Run(string[] arguments)
    {
        if (arguments.Length != 3 || arguments.FirstOrDefault(a => !File.Exists(a)) is { })
        {
            Console.Error.WriteLine("usage: Benchmarks COSIM KERNEL WORKLOAD (build the workload with: gcc -O2 -static -o workload Guest/workload.c), or: Benchmarks idle COSIM KERNEL BUSYBOX");
            return 2;
        }

        string initrd = Path.GetTempFileName();
        try
        {
            CpioWriter archive = new();
            archive.AddDirectory("dev", 0x1ED);
            archive.AddFile("init", 0x1ED, File.ReadAllBytes(arguments[2]));
            File.WriteAllBytes(initrd, archive.Finish());
            Measure("translated", arguments[0], r => Cosim(arguments[1], initrd, r, "on"));
            Measure("portable", arguments[0], r => Cosim(arguments[1], initrd, r, "off"));
            Measure("QEMU TCG", "qemu-system-x86_64", r =>
            [
                "-accel", "tcg", "-m", "512", "-smp", "1", "-nographic", "-no-reboot", "-kernel", arguments[1], "-initrd", initrd,
                "-append", "console=ttyS0 panic=-1 cryptomgr.notests -- " + r,
            ]);
        }
        finally
        {
            File.Delete(initrd);
        }

        return 0;
    }

    private static string[] Cosim(string kernel, string initrd, int rounds, string translate) =>
    [
        "boot", "linux", "--translate", translate, "--memory", "512M", "--kernel", kernel, "--initrd", initrd,
        "--append", "cryptomgr.notests -- " + rounds,
    ];

    private static void Measure(string name, string program, Func<int, string[]> arguments)
    {
        try
        {
            double boot = ProcessorSeconds(program, arguments(0));
            double user = ProcessorSeconds(program, arguments(Rounds)) - boot;
            Console.WriteLine($"{name}: boot {boot:F2} s, {Rounds} rounds of user code {user:F2} s of processor time");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Console.WriteLine($"{name}: not measured, {e.Message}");
        }
    }

    private static double ProcessorSeconds(string program, string[] arguments)
    {
        double seconds = Children.ProcessorSeconds(program, arguments, out string output, out string _);
        return output.Contains("workload:", StringComparison.Ordinal)
            ? seconds
            : throw new InvalidOperationException($"{program} did not run the workload; its last output:\n{output[^Math.Min(output.Length, 2000)..]}");
    }
}
