namespace CoSim.Cli.Tests.Boot;

/// <summary>Bare-metal kernels on `cosim boot multiboot`.</summary>
[TestFixture]
public sealed class MultibootTests
{
    private const int Failed = 125;

    [Test]
    public void KernelGetsWhatTheSpecificationSays([Values] MultibootFormat format, [Values("functional", "detailed")] string engine)
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", TestKernels.Information(format));
        string first = directory.Write("first", "one\0"u8), second = directory.Write("second", "two\0"u8);
        CommandLine.Result result = Boot(
            "--kernel", kernel, "--append", "a b=c", "--module", $"{first} with words", "--module", second, "--memory", "64M", "--engine", engine);
        Assert.That(result.Output.Split('\n'), Is.EqualTo(new[]
        {
            "2BADB002", "00000011", "00000000", "0000004D", "0000027F", "0000FB80", $"{kernel} a b=c",
            "00000000", "00000004", $"{first} with words", "one",
            "00000000", "00000004", second, "two",
            "00000000", "00000000", "00000000", "0009FC00", "00000000", "00100000", "00000000", "03EE0000", "",
        }));
        Assert.That(result.Status, Is.EqualTo((5 << 1) | 1), result.Error);
    }

    [Test]
    public void OtherProcessorsWaitForTheirStart([Values(1, 2, 8)] int cores, [Values("functional", "detailed")] string engine)
    {
        CommandLine.Result result = Run(TestKernels.Processors(), "--cores", $"{cores}", "--engine", engine);
        Assert.That(result.Status, Is.EqualTo((cores << 1) | 1), result.Error);
    }

    [Test]
    public void LockThatIsFreeForOnePauseIsHadByTheOther() =>
        Assert.That(Run(TestKernels.Lock(), "--cores", "2").Status, Is.EqualTo((7 << 1) | 1));

    [Test]
    public void TestDeviceInterrupts()
    {
        CommandLine.Result result = Run(TestKernels.Interrupts());
        Assert.That(result.Status, Is.EqualTo(((16 + 2) << 1) | 1), result.Error);
    }

    [Test]
    public void TestDeviceReadsBack()
    {
        CommandLine.Result result = Run(TestKernels.Registers());
        Assert.That(result.Output, Is.EqualTo("00001234\nBEEFAB78\n0000005A\n600DF00D\n00000077\n"));
        Assert.That(result.Status, Is.EqualTo(3), result.Error);
    }

    [Test]
    public void TablesLeadToThePowerSwitch() => Assert.That(Run(TestKernels.PowerOff()).Status, Is.Zero);

    [Test]
    public void ProcessorThatIsResetResumesAndStartsTheKernelAgain([Values(1, 4)] int cores, [Values("functional", "detailed")] string engine)
    {
        CommandLine.Result result = Run(ResettingKernel.Build(), "--cores", $"{cores}", "--engine", engine);
        string[] rounds = [.. Enumerable.Range(0, ResettingKernel.Ways + 1).Select(n => $"00000001\n{n:X8}\n{n:X8}\n")];
        Assert.That(result.Output, Is.EqualTo(string.Concat(rounds)), result.Error);
        Assert.That(result.Status, Is.EqualTo((ResettingKernel.Ways << 1) | 1), result.Error);
    }

    [Test]
    public void ScreenIsShownAtTheEnd([Values("functional", "detailed")] string engine)
    {
        CommandLine.Result result = Run(TestKernels.Screen(), "--screen", "-", "--engine", engine);
        Assert.That(result.Output, Is.EqualTo("one\n\n  two three\n"));
        Assert.That(result.Status, Is.EqualTo(3), result.Error);
    }

    [Test]
    public void WithoutAScreenNothingAnswersThere()
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", TestKernels.Screen());
        Assert.That(Boot("--kernel", kernel).Status, Is.EqualTo(1));
        string file = directory.File("screen");
        Assert.That(Boot("--kernel", kernel, "--screen", file).Status, Is.EqualTo(3));
        Assert.That(File.ReadAllText(file), Is.EqualTo("one\n\n  two three\n"));
    }

    [Test]
    public void TripleFaultIsReported()
    {
        CommandLine.Result result = Run(TestKernels.TripleFault());
        Assert.That(result.Status, Is.EqualTo(Failed));
        Assert.That(result.Error, Does.Contain("triple fault"));
    }

    [Test]
    public void DevicesAreThereOnlyWhenWanted()
    {
        // Without the exit port the kernel halts for ever with interrupts off.
        CommandLine.Result result = Run(TestKernels.Information(MultibootFormat.Elf32), "--devices", "none");
        Assert.That(result.Status, Is.EqualTo(Failed));
        Assert.That(result.Error, Does.Contain("every core waited"));
    }

    [Test]
    public void ResumedRunEndsAsTheWholeOne()
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", TestKernels.Information(MultibootFormat.Elf64)), checkpoint = directory.File("checkpoint");
        CommandLine.Result whole = Boot("--kernel", kernel, "--checkpoint-at", "100", "--checkpoint", checkpoint);
        CommandLine.Result rest = CosimProcess.Run("", "resume", checkpoint);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rest.Status, Is.EqualTo(whole.Status), rest.Error);
            Assert.That(rest.Output, Is.Not.Empty);
            Assert.That(whole.Output, Does.EndWith(rest.Output));
        }
    }

    [TestCase("--devices", "printer", "'printer' is none of")]
    [TestCase("--fw-cfg", "=x", "must be NAME=FILE")]
    [TestCase("--module", "/no/such/file", "no such file")]
    public void MistakesAreNamed(string option, string value, string message)
    {
        using TemporaryDirectory directory = new();
        string kernel = directory.Write("kernel", TestKernels.TripleFault());
        CommandLine.Run("boot", "multiboot", "--kernel", kernel, option, value).AssertUserError(message);
    }

    private static CommandLine.Result Run(byte[] kernel, params string[] options)
    {
        using TemporaryDirectory directory = new();
        return Boot(["--kernel", directory.Write("kernel", kernel), .. options]);
    }

    private static CommandLine.Result Boot(params string[] options) => CosimProcess.Run("", ["boot", "multiboot", .. options]);
}
