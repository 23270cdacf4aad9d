namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Random calls of the interfaces of time and namespaces, mostly with arguments that cannot be right, on our operating system and on Debian's
/// Linux 6.1: every answer must be the same, so that errors come in the same order. Each scenario stands alone: a failure names the seed and the first
/// scenario that differs, which `random_calls SEED SCENARIO 1` repeats.
/// </summary>
[TestFixture, Category("NeedsTools"), Category("NeedsLinuxKernel"), Platform("Linux")]
public sealed class RandomCallTests
{
    private const int Scenarios = 400;

    [Test]
    public void Section3_5_AnswersAreThoseOfLinux([Values(1, 2)] int seed)
    {
        string kernel = InterfaceProgram.LinuxKernel, program = InterfaceProgram.Compile("random_calls");
        string[] ours = Answers(InterfaceProgram.Run(program, [], $"{seed}", "0", $"{Scenarios}"));
        string[] linux = Answers(InterfaceProgram.RunOnLinux(kernel, $"{program} {seed} 0 {Scenarios}"));
        Assert.That(linux.Count(l => l.StartsWith("== ", StringComparison.Ordinal)), Is.EqualTo(Scenarios));
        int at = 0;
        while (at < Math.Min(ours.Length, linux.Length) && ours[at] == linux[at]) at++;
        if (at == ours.Length && at == linux.Length) return;
        string scenario = linux.Take(at + 1).LastOrDefault(l => l.StartsWith("== ", StringComparison.Ordinal)) ?? "none";
        Assert.Fail($"seed {seed}, scenario {scenario}: ours\n{ours.ElementAtOrDefault(at)}\nLinux\n{linux.ElementAtOrDefault(at)}");
    }

    private static string[] Answers(InterfaceProgram.Result r)
    {
        Assert.That(r.Status, Is.Zero, r.Error);
        return [.. r.Lines.Select(l => l.TrimEnd('\r'))];
    }
}
