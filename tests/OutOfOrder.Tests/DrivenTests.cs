using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>An engine that follows a recorded path, in a machine whose memory is empty, against the engine that executed.</summary>
public sealed class DrivenTests
{
    /// <summary>
    /// Where the only wrong paths are those of a loop's branch, and hold no memory access, nothing is left to guess: every instruction retires in the
    /// recorded cycle.
    /// </summary>
    [TestCase("add")]
    [TestCase("imul")]
    [TestCase("divide")]
    [TestCase("load")]
    [TestCase("miss")]
    [TestCase("stream")]
    [TestCase("forward")]
    [TestCase("alias")]
    [TestCase("mfence")]
    [TestCase("lfence")]
    [TestCase("atomic")]
    [TestCase("pause")]
    [TestCase("rdtsc")]
    [TestCase("cpuid")]
    [TestCase("string")]
    [TestCase("vector")]
    [TestCase("call")]
    [TestCase("x87")]
    [TestCase("x87 overflow")]
    [TestCase("mmx")]
    public void A_straight_loop_takes_exactly_the_recorded_cycles(string kernel)
    {
        (PathRecorder recorded, List<(ulong Rip, ulong Cycle)> driven, RecordedPath path) = Drive(a => Kernel.Loop(a, b => Body(b, kernel), b =>
        {
            b.mov(rbx, 0x90000);
            b.mov(r8, 0x300000);
            b.fninit();
        }, 60, 4));
        Assert.That(recorded.Retired, Has.Count.GreaterThan(200));
        Assert.That(driven, Is.EqualTo(recorded.Retired));
        Assert.That(path.Unknown, Is.Zero);
    }

    /// <summary>
    /// Random programs mispredict all the time, and their wrong paths load: what those loads brought into the caches, and how they kept pipes busy, the driven engine
    /// does not know. Everything retires in order, and the whole is within five parts in a hundred.
    /// </summary>
    [Test]
    public void A_random_program_takes_nearly_the_recorded_cycles([Range(200, 211)] int seed)
    {
        (PathRecorder recorded, List<(ulong Rip, ulong Cycle)> driven, RecordedPath path) = Drive(new RandomProgram(seed).Emit);
        Assert.That(driven.Select(d => d.Rip), Is.EqualTo(recorded.Retired.Select(r => r.Rip)), $"seed {seed}");
        Assert.That(path.Unknown, Is.Zero, $"seed {seed}");
        double ratio = (double)driven[^1].Cycle / recorded.Retired[^1].Cycle;
        TestContext.Out.WriteLine($"seed {seed}: {recorded.Retired[^1].Cycle} recorded, {driven[^1].Cycle} driven");
        Assert.That(ratio, Is.InRange(0.95, 1.05), $"seed {seed}");
    }

    [Test]
    public void The_same_path_gives_the_same_cycles_again()
    {
        (_, List<(ulong Rip, ulong Cycle)> first, _) = Drive(new RandomProgram(7).Emit);
        (_, List<(ulong Rip, ulong Cycle)> second, _) = Drive(new RandomProgram(7).Emit);
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void A_path_without_its_code_is_refused()
    {
        RecordedPath path = null!;
        bool told = false;
        path = new RecordedPath(() =>
        {
            if (!told)
                path.Add(PathStepKind.Instruction, 0x5000, 10, 0);
            return told = !told;
        });
        path.AddContext(new PathContext(0, IsLong: true, Paging: false, LoadFenceSerialises: false));
        using DetailedMachine<FollowingProbe> machine = new();
        machine.Engine.Follow(path);
        machine.Engine.StartPath();
        Assert.That(() => machine.Engine.Run(1000), Throws.TypeOf<PathException>().With.Message.EqualTo("the recording lacks the code at 5000"));
    }

    private static (PathRecorder Recorded, List<(ulong Rip, ulong Cycle)> Driven, RecordedPath Path) Drive(Action<Assembler> program)
    {
        PathRecorder recorder = new();
        using DetailedMachine<RecordingProbe> executing = new();
        executing.Engine.Probe.Recorder = recorder;
        executing.Cores[0].PathProbe = recorder;
        executing.Code(program);
        executing.Run();

        using DetailedMachine<FollowingProbe> following = new();
        List<(ulong Rip, ulong Cycle)> driven = [];
        following.Engine.Probe.Retired = driven;
        RecordedPath path = recorder.Path();
        following.Engine.Follow(path);
        following.Engine.StartPath();
        following.Engine.Run(executing.Engine.Now * 2);
        Assert.That(following.Engine.PathEnded, "it came to the end of the path");
        return (recorder, driven, path);
    }

    private static void Body(Assembler a, string kernel)
    {
        switch (kernel)
        {
            case "add":
                a.add(rax, rcx);
                a.add(rdx, rax);
                break;
            case "imul":
                a.imul(rax, rax);
                break;
            case "divide":
                a.mov(eax, 1_000_000_000);
                a.xor(edx, edx);
                a.lea(ecx, __[r15d + 3]);
                a.div(ecx);
                break;
            case "load":
                a.mov(rax, __qword_ptr[rbx]);
                break;
            case "miss":
                a.mov(rax, __qword_ptr[r8]);
                a.and(rax, 0);
                a.lea(r8, __[r8 + rax + 0x3040]);
                break;
            case "stream":
                a.mov(rax, __qword_ptr[r8]);
                a.mov(__qword_ptr[r8 + 0x80000], rax);
                a.add(r8, 64);
                break;
            case "forward":
                a.mov(__qword_ptr[rbx + 16], rax);
                a.add(rax, __qword_ptr[rbx + 16]);
                a.mov(__dword_ptr[rbx + 20], eax);
                a.mov(rcx, __qword_ptr[rbx + 16]);
                break;
            case "alias":
                a.mov(__qword_ptr[rbx + 0x1008], rax);
                a.mov(rcx, __qword_ptr[rbx + 8]);
                break;
            case "mfence":
                a.mov(__qword_ptr[rbx], rax);
                a.mfence();
                break;
            case "lfence":
                a.mov(rax, __qword_ptr[rbx]);
                a.lfence();
                break;
            case "atomic":
                a.@lock.add(__qword_ptr[rbx + 64], rax);
                a.xchg(__qword_ptr[rbx], rcx);
                break;
            case "pause":
                a.mov(__qword_ptr[rbx], rax);
                a.pause();
                break;
            case "rdtsc":
                a.rdtscp();
                a.rdtsc();
                break;
            case "cpuid":
                a.push(rbx);
                a.xor(eax, eax);
                a.cpuid();
                a.pop(rbx);
                break;
            case "string":
                a.lea(rsi, __[rbx + 0x100]);
                a.lea(rdi, __[rbx + 0x4100]);
                a.mov(ecx, 300);
                a.rep.movsb();
                break;
            case "vector":
                a.movups(xmm0, __xmmword_ptr[rbx]);
                a.addps(xmm0, xmm1);
                a.movups(__xmmword_ptr[rbx + 32], xmm0);
                a.divsd(xmm2, xmm3);
                break;
            case "x87":
                a.fld(__qword_ptr[rbx]);
                a.fld1();
                a.fxch(st0, st1);
                a.faddp(st1, st0);
                a.fst(__dword_ptr[rbx + 8]);
                a.fistp(__qword_ptr[rbx + 16]);
                break;
            case "x87 overflow":
                a.fld1();
                a.fadd(st0, st0);
                break;
            case "mmx":
                a.movq(mm1, __qword_ptr[rbx]);
                a.paddb(mm1, mm2);
                a.pmullw(mm2, mm1);
                a.movd(eax, mm2);
                a.movq(__qword_ptr[rbx + 8], mm1);
                a.emms();
                break;
            default:
                Label over = a.CreateLabel(), function = a.CreateLabel();
                a.call(function);
                a.jmp(over);
                a.Label(ref function);
                a.inc(rax);
                a.ret();
                a.Label(ref over);
                a.nop();
                break;
        }
    }
}
