using System.Diagnostics;

namespace CoSim.Cli.Tests.Boot;

/// <summary>The same kernels on QEMU, an independent machine: output and exit status must be the same.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class MultibootQemuTests
{
    private const string Qemu = "qemu-system-x86_64";
    private const int TimeoutMilliseconds = 60_000;

    [OneTimeSetUp]
    public static void FindQemu()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, Qemu))))
            Assert.Ignore($"{Qemu} is not installed");
    }

    [Test]
    public void InformationIsTheSame([Values(MultibootFormat.AddressFields, MultibootFormat.Elf32)] MultibootFormat format, [Values("", "a  b=c", "x=\"quoted, with commas\" 'y'")] string parameters)
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", TestKernels.Information(format));
        string first = directory.Write("first", "one\0"u8), second = directory.Write("second", [.. "two\0"u8, .. new byte[5000]]);
        CommandLine.Result ours = CosimProcess.Run(
            "", "boot", "multiboot", "--kernel", kernel, "--append", parameters, "--module", $"{first} with words", "--module", second, "--memory", "64M");
        (int status, string output) = OnQemu("-m", "64", "-kernel", kernel, "-append", parameters, "-initrd", $"{first} with words,{second}");
        Assert.That((ours.Status, ours.Output), Is.EqualTo((status, output)), ours.Error);
    }

    [Test]
    public void ProcessorsAreTheSame([Values(1, 4)] int cores) => Compare(TestKernels.Processors(), cores);

    [Test]
    public void InterruptsAreTheSame() => Compare(TestKernels.Interrupts(), 1);

    [Test]
    public void RegistersAreTheSame() => Compare(TestKernels.Registers(), 1);

    [Test]
    public void RealModeIsTheSame([Values("functional", "detailed")] string engine)
    {
        string output = Compare(RealModeKernel.Build(), 1, "--engine", engine);
        Assert.That(output.Count(c => c == '\n'), Is.EqualTo(RealModeKernel.Count));
    }

    private static string Compare(byte[] content, int cores, params string[] options)
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", content);
        CommandLine.Result ours = CosimProcess.Run("", ["boot", "multiboot", "--kernel", kernel, "--cores", $"{cores}", .. options]);
        (int status, string output) = OnQemu("-m", "256", "-smp", $"{cores}", "-kernel", kernel);
        Assert.That((ours.Status, ours.Output), Is.EqualTo((status, output)), ours.Error);
        return output;
    }

    private static (int Status, string Output) OnQemu(params string[] options)
    {
        string[] machine = ["-M", "pc", "-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "pc-testdev"];
        ProcessStartInfo start = new(Qemu, [.. machine, .. options]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeoutMilliseconds))
        {
            process.Kill();
            Assert.Fail($"QEMU did not end; it wrote: {output.Result}{error.Result}");
        }

        return (process.ExitCode, output.Result);
    }
}
