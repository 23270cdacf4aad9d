namespace CoSim.Os.Tests.Boot;

/// <summary>Static Linux programs of two C libraries run unmodified, on one and on several processors.</summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ProgramTests
{
    [Test]
    public void Threads([Values("musl-gcc", "gcc")] string compiler, [Values(1, 4)] int processors)
    {
        string[] lines = Qemu.Run(processors, "quiet init=/test", ("test", Qemu.Compile(compiler, "threads.c")));
        Assert.That(lines, Is.EqualTo(new[] { "count 160000 sum 68", "timedwait 110", "done" }));
    }

    [Test]
    public void Processes([Values("musl-gcc", "gcc")] string compiler, [Values(1, 4)] int processors)
    {
        string[] lines = Qemu.Run(processors, "quiet init=/test", ("test", Qemu.Compile(compiler, "processes.c")));
        Assert.That(lines, Is.EqualTo(new[]
        {
            "caught 10", "fault 11 at 0x123000 code 1", "fault 11 at " + lines[2].Split(' ')[3] + " code 2", "same page 0",
            "nanosleep -1 errno 4 left 1 float 2.5", "crash: signal 11", "child: exit 3", "parent's data 1", "terminated: signal 15",
            "pipe 200000", "shared 42", "exec again value", "exec: exit 9", "file line 7", "size 5001", "hole 0", "wait -1 errno 10", "done",
        }));
    }

    [Test]
    public void WaitingIsAsOnLinux([Values("musl-gcc", "gcc")] string compiler, [Values(1, 4)] int processors)
    {
        byte[] program = Qemu.Compile(compiler, "waiting.c");
        string[] expected = Qemu.RunNatively(program);
        Assert.That(expected[^1], Is.EqualTo("done"));
        Assert.That(Qemu.Run(processors, "quiet init=/test", ("test", program)), Is.EqualTo(expected));
    }
}
