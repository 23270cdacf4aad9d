using System.Diagnostics;
using CoSim.Cli.Tests;
using CoSim.Os.Loader;

namespace CoSim.Debug.Tests;

/// <summary>gdb itself, with scripts, on a run of our operating system.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class GdbScriptTests
{
    private const string Function = "Os_Kernel_CoSim_Os_AcpiTables__Find";
    private const int TimeoutMilliseconds = 120_000;

    [TestCase("")]
    [TestCase("--cores 2")]
    [TestCase("--engine detailed")]
    public void BreakpointsBacktracesRegistersAndSteps(string options)
    {
        string output = Gdb(options, "info threads", $"hbreak {Function}", "continue", "backtrace 2", "info registers cr0 efer lstar", "stepi", "delete", "finish", "p $xmm0", "detach");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Contain("core 0: real mode, kernel, active"));
            Assert.That(output, Does.Match("Breakpoint 1,.*" + Function));
            Assert.That(output, Does.Match("#1 .*Os_Kernel_CoSim_Os_AcpiTables__ReadFadt .*AcpiTables.cs"));
            Assert.That(output, Does.Contain("cr0            0x80010033"));
            Assert.That(output, Does.Contain("Value returned is"));
            Assert.That(output, Does.Contain("v4_float = "));
            Assert.That(output, Does.Contain("detached"));
        }
    }

    [TestCase("")]
    [TestCase("--cores 2")]
    [TestCase("--engine detailed")]
    [TestCase("--engine detailed --cores 2")]
    public void BackwardsToWritesAndBreakpoints(string options)
    {
        string output = Gdb(
            options, $"hbreak {Function}", "continue", "p $rsp", "set $top = (unsigned long *)$rsp", "reverse-stepi", "x/i $pc", "stepi", "delete",
            "watch *$top", "reverse-continue", "x/i $pc", "delete", "monitor history", "reverse-continue", "x/i $pc", "monitor stop at 100us", "continue", "monitor time", "detach");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Match("=> 0x[0-9a-f]+.*:\\s+call "), "the step back leads to the call");
            Assert.That(output, Does.Contain("Hardware watchpoint 2"));
            Assert.That(output, Does.Match("Old value = .*\\n(.*\\n)?New value = "));
            Assert.That(output, Does.Contain("places kept"));
            Assert.That(output, Does.Contain("No more reverse-execution history").And.Contain("=> 0xfffffff0:\tjmp"));
            Assert.That(output, Does.Match("100\\.?0* us since reset|0\\.0001\\d* s since reset|100\\d{3}.*since reset"));
        }
    }

    /// <summary>Conditions may be named at any stop, and those on what programs do are met too.</summary>
    [Test]
    public void ConditionsThatComeLate()
    {
        string output = Gdb(
            "", $"hbreak {Function}", "continue", "delete", "monitor stop when hpet.MAIN_CNT >= 0x10000", "continue", "monitor stop never", "monitor stop on program-clock:clock~realtime",
            "continue", "monitor stop never", "monitor stop on timer-expired", "reverse-continue", "monitor stop help", "monitor stop when help", "detach");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Contain("cosim: hpet.MAIN_CNT >= 0x10000: hpet.MAIN_CNT is 0x1000"));
            Assert.That(output, Does.Contain("cosim: program-clock:clock~realtime: program-clock core=0"));
            Assert.That(output, Does.Contain("cosim: timer-expired: timer-expired "));
            Assert.That(output, Does.Contain("rtc: SECONDS"));
            Assert.That(output, Does.Contain("detached"));
        }
    }

    [Test]
    public void ConditionsClocksCheckpointAndReset()
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("here.ckpt");
        string output = Gdb(
            "", "monitor stop when hpet.MAIN_CNT >= 0x10000", "monitor stop on syscall:nr=1", "monitor stop", "continue", "monitor info clocks", $"monitor checkpoint {file}", "stepi",
            "continue", "reverse-continue", "monitor stop nothing", "monitor stop never", "monitor stop", $"find /b {Function}, +0x40, 0x55", "monitor reset", "stepi", "monitor time", "detach");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Contain("stop on syscall:nr=1\nstop when hpet.MAIN_CNT >= 0x10000\n"));
            Assert.That(output, Does.Contain("cosim: hpet.MAIN_CNT >= 0x10000: hpet.MAIN_CNT is 0x1000"));
            Assert.That(output, Does.Match(@"HPET MAIN_CNT +655[3-9]\d +14318180 Hz\n"));
            Assert.That(output, Does.Contain("cosim: syscall:nr=1: syscall core=0 rip="));
            Assert.That(output, Does.Contain("say stop at TIME, stop on EVENT, stop when CONDITION, or stop never"));
            Assert.That(output, Does.Contain("the machine is reset when it goes on"));
            Assert.That(output, Does.Contain("detached"));
        }

        CommandLine.Result resumed = CosimProcess.Run("", "resume", file);
        Assert.That((resumed.Status, resumed.Output), Is.EqualTo((0, "Wed Jan  1 00:00:00 UTC 2020\n")), resumed.Error);
    }

    /// <summary>gdb takes all code for 64-bit code; the monitor decodes as the core does, and a memory map lets gdb write where it likes.</summary>
    [Test]
    public void CodeOfOtherModes()
    {
        string output = Gdb(
            "", "monitor code", "stepi", "monitor code 0xfffff000 3", "monitor code nowhere", "monitor code 0 fff", "info mem", $"hbreak {Function}", "continue", "monitor code", "x/2i $pc", "kill");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Contain("16-bit code, CS f000 at ffff0000\n=> 00000000fffffff0  e90df0                   jmp 0xF000\n"));
            Assert.That(output, Does.Contain("=> 00000000fffff000  fa                       cli\n"));
            Assert.That(output, Does.Contain("code nowhere: an address and a number of instructions from 1 to 100"));
            Assert.That(output, Does.Contain("code 0 fff: an address"));
            Assert.That(output, Does.Contain("64-bit code, CS "));
            Assert.That(output, Does.Match(@"0x0+\s+0x8000000000000000 rw nocache"));
        }
    }

    /// <summary>What people type at a Linux kernel, by its names, which gdb does not find in a stripped image.</summary>
    [Test]
    [Category("NeedsLinuxKernel")]
    public void LinuxByItsNames()
    {
        string kernel = LinuxGuest.Kernel;
        using TemporaryDirectory directory = new();
        string symbols = directory.File("kernel.sym");
        string output = GdbOf(
            $"boot linux --kernel {kernel} --cores 2 --memory 256M --append cryptomgr.notests --exec /bin/busybox --gdb=stdio -- date", "",
            $"monitor symbols {symbols}", $"symbol-file {symbols}", "hbreak start_kernel", "continue", "tbreak schedule", "continue", "backtrace 3", "delete",
            "watch *(unsigned long *)&jiffies_64", "continue", "delete", "stepi", "reverse-stepi", "rwatch *(unsigned long *)&jiffies_64", "reverse-continue",
            "delete", "info mem", "thread 2", "info registers cr3 efer", "p $ymm0.v4_int64", "detach");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Match(@"kernel\.sym: \d{5,} symbols"));
            Assert.That(output, Does.Match("hit Breakpoint 1, 0x[0-9a-f]+ in start_kernel \\(\\)"));
            Assert.That(output, Does.Match("Temporary breakpoint 2, 0x[0-9a-f]+ in schedule \\(\\)"));
            Assert.That(output, Does.Match("#1 .* in [a-z_]+ \\(\\)"));
            Assert.That(output, Does.Match("Hardware watchpoint 3: .*\\n\\nOld value = \\d+\nNew value = \\d+"));
            Assert.That(output, Does.Match("hit Hardware read watchpoint 4: "));
            Assert.That(output, Does.Contain("rw nocache").Or.Contain("rw "));
            Assert.That(output, Does.Contain("detached"));
        }
    }

    private static string Gdb(string options, params string[] commands)
    {
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        return GdbOf($"run {options} --gdb=stdio -- /bin/busybox date", images.KernelPath, commands);
    }

    private static string GdbOf(string run, string image, params string[] commands)
    {
        CosimProcess.RequireBusybox();
        string cosim = Path.Combine(AppContext.BaseDirectory, "cosim");
        ProcessStartInfo start = new("gdb") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        string[] all = ["set pagination off", "set confirm off", "set remotetimeout 60", $"target remote | {cosim} {run}", .. commands];
        foreach (string argument in (string[])["-nx", "-batch", .. all.SelectMany(c => (string[])["-ex", c]), image])
        {
            if (argument.Length > 0)
                start.ArgumentList.Add(argument);
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("no gdb");
            throw;
        }

        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeoutMilliseconds))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail("gdb did not end");
            }

            string text = output.Result + error.Result;
            TestContext.Out.WriteLine(text);
            return text;
        }
    }
}
