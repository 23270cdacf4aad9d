using System.Numerics;
using CoSim.Cli.Snippets;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Tests;

/// <summary>Steady state, exact cycles, pipes, causes and timeline of loops. Expected cycles: uops.info and InstLatX64 (hw/Zen2Core/Data).</summary>
[TestFixture]
public sealed class SnippetLoopTests
{
    [TestCase("90", "1/5")] // nop: five instructions dispatch
    [TestCase("4801d8", "1")] // add rax, rbx
    [TestCase("480fafc3", "3")] // imul rax, rbx
    [TestCase("480fafc34883c001", "4")] // imul rax, rbx; add rax, 1
    [TestCase("4883c0014883c1014883c6014883c701", "1")] // four independent additions: four ALUs
    [TestCase("c4e27598c2", "5")] // vfmadd132ps xmm0, xmm1, xmm2 waits for itself
    [TestCase("c5f559c2", "1/2")] // vmulpd ymm0, ymm1, ymm2: two multipliers
    [TestCase("488b03488b4b08", "1")] // mov rax, [rbx]; mov rcx, [rbx+8]: two loads a cycle
    [TestCase("488b1b", "4")] // mov rbx, [rbx]: a pointer to itself
    [TestCase("488903", "1")] // mov [rbx], rax: one store a cycle
    [TestCase("31c0", "1/5")] // xor eax, eax: never executes
    public void Cycles_of_an_iteration_are_exact(string code, string cycles)
    {
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = code, Engine = "detailed", Set = ["rbx=0x20000"], Map = ["0x20000:4096:hex=0000020000000000"] });
        LoopTiming loop = result.Timing!.Loop!;
        Assert.That(loop.IsSteady, Is.True);
        Assert.That(loop.CyclesPerIteration.ToString(), Is.EqualTo(cycles));
    }

    [TestCase("480fafc3", ExecutionPort.Alu1)]
    [TestCase("488b03", ExecutionPort.Agu0)]
    [TestCase("488903", ExecutionPort.Agu2)]
    public void Pipes_are_those_of_Zen_2(string code, ExecutionPort port)
    {
        LoopTiming loop = SnippetRun.Loop(code, "rbx=0x20000");
        BigInteger uses = loop.PerIteration(port).Numerator;
        Assert.That(uses.Sign, Is.EqualTo(1));
        if (port == ExecutionPort.Alu1)
            Assert.That(loop.PerIteration(port).ToString(), Is.EqualTo("1"), "the only multiplier");
    }

    [Test]
    public void Vector_additions_use_pipes_2_and_3_only()
    {
        LoopTiming loop = SnippetRun.Loop("c5f558c2"); // vaddpd ymm0, ymm1, ymm2
        Assert.That(loop.PerIteration(ExecutionPort.Fp0).Numerator.IsZero && loop.PerIteration(ExecutionPort.Fp1).Numerator.IsZero, Is.True);
        Assert.That(loop.PerIteration(ExecutionPort.Fp2).ToString(), Is.EqualTo("1/2"));
    }

    [TestCase("480fafc3")]
    [TestCase("488b03488903")]
    [TestCase("48f7f3")]
    public void Every_cycle_has_one_cause_and_one_instruction(string code)
    {
        LoopTiming loop = SnippetRun.Loop(code, "rbx=0x20000");
        Assert.That(loop.Record.Cycles.Total, Is.EqualTo(loop.Cycles));
        ulong byInstruction = 0;
        foreach (InstructionCost cost in loop.Record.Instructions.Values)
            byInstruction += cost.Cycles.Total;
        Assert.That(byInstruction, Is.EqualTo(loop.Cycles));
        Assert.That(loop.Laps % Math.Max(1, loop.Period), Is.Zero);
    }

    [Test]
    public void A_chosen_number_of_copies_includes_the_jump()
    {
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = "90", Engine = "detailed", Unroll = "4" });
        LoopTiming loop = result.Timing!.Loop!;
        Assert.That((loop.Copies, loop.ShorterCopies), Is.EqualTo((4, 0)));
        Assert.That(loop.CyclesPerIteration.CompareTo(new Fraction(1, 5)), Is.Positive);
    }

    [Test]
    public void Copies_keep_their_targets_outside_the_code()
    {
        // mov rax, [rip+0xfff9]: 20000h from every copy; nothing else is mapped.
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = "488b05f9ff0000", Engine = "detailed", Map = ["0x20000:4096:r"] });
        Assert.That(result.Timing!.Loop, Is.Not.Null, result.Timing.NoLoop);
    }

    [TestCase("f4", "the code does not run to its end")]
    [TestCase("4883c340488b03", "exception 14")] // add rbx, 64; mov rax, [rbx] leaves its page
    public void Code_that_cannot_be_repeated_says_why(string code, string reason)
    {
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = code, Engine = "detailed", Set = ["rbx=0x20000"], Map = ["0x20000:4096"] });
        Assert.That(result.Timing!.Loop, Is.Null);
        Assert.That(result.Timing.NoLoop, Does.Contain(reason));
    }

    [Test]
    public void What_never_repeats_is_reported_as_it_is()
    {
        // imul rcx, rcx, 5851F42Dh; inc rcx; mov rax, rcx; xor edx, edx; div rbx: quotients of random length
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = "4869c92df45158 48ffc1 4889c8 31d2 48f7f3", Engine = "detailed", Set = ["rbx=0x10001"] });
        Assert.That(result.Timing!.Loop, Is.Not.Null, result.Timing.NoLoop);
        Assert.That(result.Timing.Loop!.IsSteady, Is.False);
        Assert.That(result.Timing.Loop.CyclesPerIteration.Numerator.Sign, Is.Positive);
    }

    [Test]
    public void Every_stage_of_the_timeline_follows_the_one_before()
    {
        SnippetResult result = SnippetRun.Of(new SnippetWords { Code = "480fafc3488b0b", Engine = "detailed", Timeline = "5", Set = ["rbx=0x20000"], Map = ["0x20000:4096"] });
        IReadOnlyList<TimelineRow> rows = TimelineRow.Of(result.Request, result.Timing!, new CodeListing(result.Request));
        Assert.That(rows.Select(r => r.Iteration).Distinct(), Is.EqualTo((int[])[0, 1, 2, 3, 4]));
        Assert.That(rows.Select(r => r.Instruction).Distinct().Order(), Is.EqualTo((int[])[0, 1]));
        foreach (StageCycles s in rows.Select(r => r.Stages))
            Assert.That((ulong[])[s.Fetch, s.Decode, s.Dispatch, s.Ready, s.Issue, s.Complete, s.Retire], Is.Ordered);
    }

    [Test]
    public void A_cold_run_takes_longer()
    {
        SnippetWords words = new() { Code = "488b03", Engine = "detailed", Set = ["rbx=0x20000"], Map = ["0x20000:4096"], NoLoop = true };
        ulong warm = SnippetRun.Of(words).Timing!.RunCycles;
        ulong cold = SnippetRun.Of(words with { Cold = true }).Timing!.RunCycles;
        Assert.That(cold, Is.GreaterThan(warm + 200), "a line comes from DRAM");
        Assert.That(warm, Is.LessThan(60));
    }

    [Test]
    public void The_text_has_summary_table_and_timeline()
    {
        CommandLine.Result result = CommandLine.Run("snippet", "480fafc3", "--engine", "detailed", "--timeline", "2");
        Assert.That(result.Status, Is.Zero);
        Assert.That(result.Output, Does.Contain("cycles per iteration: 3.00").And.Contain("alu1 1.00").And.Contain("imul rax, rbx").And.Contain("DeeeER").Or.Contain("=eeeER"));
    }
}
