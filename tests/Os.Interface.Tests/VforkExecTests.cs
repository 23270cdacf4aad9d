namespace CoSim.Os.Interface.Tests;

/// <summary>
/// vfork, threads and exec after unshare(CLONE_NEWTIME), by version (time namespace reference, section 2: refused before 6.2; since
/// then the caller's side stays in the old namespace and exec moves).
/// </summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class VforkExecTests
{
    [Test]
    public void Section2_AsDebiansLinux61() => Assert.That(Run("6.1").Output, Is.EqualTo(InterfaceProgram.Expected("vfork_exec")));

    [TestCase("5.6", "EINVAL", "old")]
    [TestCase("6.1", "EINVAL", "old")]
    public void Section2_SharedMemoryIsRefusedBefore62(string semantics, string error, string afterExec)
    {
        string[] lines = Run(semantics).Lines;
        Assert.That(
            lines,
            Is.EqualTo(new[]
            {
                "unshare: ok", "offsets: ok", "caller: old", $"pthread_create: {error}", $"vfork: {error}", "caller after vfork: old", $"clone: {error}",
                "fork, before exec: new", "fork, after exec: new", $"caller, after exec: {afterExec}",
            }));
    }

    /// <summary>6.12's self-test passes by 6.12's rules and ends at its first thread by those of 6.1 and 5.6, as it does on Debian's kernels of these versions.</summary>
    [TestCase("6.12", 0, "ok 4 parent after vfork")]
    [TestCase("6.1", 1, "not ok 1 # error thread: Invalid argument")]
    [TestCase("5.6", 1, "not ok 1 # error thread: Invalid argument")]
    public void Section2_TheSelfTestOf612(string semantics, int status, string line)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.SelfTest("6.12/timens/vfork_exec"), ["--os-semantics", semantics]);
        Assert.That((r.Status, r.Lines.Contains(line)), Is.EqualTo((status, true)), r.Output);
    }

    private static InterfaceProgram.Result Run(string semantics)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.Compile("vfork_exec"), ["--os-semantics", semantics]);
        Assert.That(r.Status, Is.Zero);
        return r;
    }
}
