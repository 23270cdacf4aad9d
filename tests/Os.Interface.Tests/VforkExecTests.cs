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

    [Test]
    public void Section2_ExecMovesSince62() => Assert.That(
        Run("6.12").Lines,
        Is.EqualTo(new[]
        {
            "unshare: ok", "offsets: ok", "caller: old", "pthread_create: ok", "thread: old", "vfork, before exec: old", "vfork, after exec: new", "vfork: ok",
            "caller after vfork: old", "clone with shared memory, before exec: old", "clone with shared memory, after exec: new", "clone: ok",
            "fork, before exec: new", "fork, after exec: new", "caller, after exec: new",
        }));

    private static InterfaceProgram.Result Run(string semantics)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.Compile("vfork_exec"), ["--os-semantics", semantics]);
        Assert.That(r.Status, Is.Zero);
        return r;
    }
}
