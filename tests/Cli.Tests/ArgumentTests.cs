namespace CoSim.Cli.Tests;

/// <summary>Arguments that are wrong give one line that says what, and exit status 2.</summary>
[TestFixture]
public sealed class ArgumentTests
{
    [TestCase("", "needs a command")]
    [TestCase("study", "clock-gettime")]
    [TestCase("inspect", "clocks")]
    [TestCase("stdy", "'stdy'")]
    [TestCase("study clock-getime", "'clock-getime'")]
    [TestCase("study clock-gettime --bogus", "--bogus")]
    [TestCase("study clock-gettime extra", "extra")]
    [TestCase("study clock-gettime --calls 0", "--calls '0'")]
    [TestCase("study clock-gettime --calls -1", "--calls '-1'")]
    [TestCase("study clock-gettime --calls ten", "--calls 'ten'")]
    [TestCase("study clock-gettime --calls", "--calls")]
    [TestCase("study clock-gettime --clocks monotonic,foo", "'foo'")]
    [TestCase("study clock-gettime --clocks ,", "--clocks")]
    [TestCase("study clock-gettime --clocksource pit", "'pit'")]
    [TestCase("study clock-gettime --namespace user", "'user'")]
    [TestCase("study clock-gettime --path libc", "'libc'")]
    [TestCase("study clock-gettime --cache hot", "'hot'")]
    [TestCase("study clock-gettime --listing monotonic", "CLOCK/CLOCKSOURCE/NAMESPACE/PATH/CACHE")]
    [TestCase("study clock-gettime --listing monotonic/tsc/root/vdso/tepid", "'tepid'")]
    [TestCase("study clock-gettime --clocks realtime --listing monotonic/tsc/root/vdso/warm", "leave this call out")]
    [TestCase("study clock-gettime --model 8490H", "--model '8490H'")]
    [TestCase("study clock-gettime --cores 0", "--cores '0'")]
    [TestCase("study clock-gettime --cores 65", "1 to 64")]
    [TestCase("study clock-gettime --memory 256", "--memory '256'")]
    [TestCase("study clock-gettime --memory 1M", "64M")]
    [TestCase("study clock-gettime --memory 99999999999999999999G", "--memory")]
    [TestCase("study clock-gettime --memory 65537K", "mebibytes")]
    [TestCase("study clock-gettime --seed -3", "--seed '-3'")]
    [TestCase("study clock-gettime --seed 18446744073709551616", "--seed")]
    [TestCase("study clock-gettime --engine 1", "'functional' or 'detailed'")]
    [TestCase("study clock-gettime --ipc 0", "--ipc '0'")]
    [TestCase("study clock-gettime --ipc 1/2/3", "--ipc '1/2/3'")]
    [TestCase("study clock-gettime --ipc 1/1001", "1 to 1000")]
    [TestCase("run", "argument missing")]
    [TestCase("run --timens monotonic=x -- true", "'x'")]
    [TestCase("run --timens tai=1 -- true", "--timens 'tai=1'")]
    [TestCase("run --timens monotonic=1.0000000001 -- true", "9 decimals")]
    [TestCase("run --engine detailed", "argument missing")]
    [TestCase("boot", "linux")]
    [TestCase("boot linux", "--kernel")]
    [TestCase("boot linux --kernel vmlinuz", "--initrd")]
    [TestCase("boot linux --kernel vmlinuz -- date", "'date' needs --exec")]
    [TestCase("boot linux --kernel vmlinuz --initrd x --json y", "--json: needs --exec")]
    [TestCase("boot linux --kernel vmlinuz --cores 65 --exec busybox", "1 to 64")]
    [TestCase("boot linux --kernel vmlinuz --model 7252 --cores 16 --exec busybox", "an EPYC 7252 has 8")]
    [TestCase("boot linux --kernel vmlinuz --exec a --exec b -- date", "with several --exec")]
    [TestCase("boot linux --kernel vmlinuz --exec 'a", "is not closed")]
    [TestCase("boot linux --kernel /no/such/file --exec busybox", "/no/such/file: no such file")]
    public void UserErrors(string arguments, string mention) =>
        CommandLine.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).AssertUserError(mention);

    [TestCase("--help", "study")]
    [TestCase("study --help", "clock-gettime")]
    [TestCase("study clock-gettime --help", "Examples:")]
    [TestCase("study clock-gettime --calls 0 --help", "Examples:")]
    [TestCase("run --help", "busybox date")]
    [TestCase("boot linux --help", "--append")]
    [TestCase("inspect clocks --help", "cosim inspect clocks")]
    public void HelpGoesToTheOutputAndSucceeds(string arguments, string mention)
    {
        CommandLine.Result result = CommandLine.Run(arguments.Split(' '));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero);
            Assert.That(result.Output, Does.Contain(mention));
            Assert.That(result.Error, Is.Empty);
        }
    }

    [Test]
    public void VersionIsANumber() => Assert.That(CommandLine.Run("--version").Output, Does.Match(@"^\d+\.\d+\.\d+"));
}
