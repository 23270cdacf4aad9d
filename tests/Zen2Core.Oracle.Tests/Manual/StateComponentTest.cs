using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>
/// XSAVES and XRSTORS, which no program may execute, against XSAVEC and XRSTOR, which the host oracle covers: without supervisor
/// components, of which a Zen 2 has none, they differ in who may use them and in the formats that they take (AMD APM vol. 4, XSAVES, XRSTORS).
/// </summary>
[TestFixture]
public sealed class StateComponentTest
{
    private const int Image = 0x400, Result = 0x1000, HeaderAt = 512, Cases = 100;
    private const ulong Xsave = 1 << 18, Compacted = 1UL << 63;

    // Memory at [rbx], and XSAVEC to [rsi] behind the loads.
    private static readonly byte[] s_xsavec = [0x0F, 0xC7, 0x23], s_xsavec64 = [0x48, 0x0F, 0xC7, 0x23];
    private static readonly byte[] s_xsaves = [0x0F, 0xC7, 0x2B], s_xsaves64 = [0x48, 0x0F, 0xC7, 0x2B];
    private static readonly byte[] s_xrstor = [0x0F, 0xAE, 0x2B], s_xrstor64 = [0x48, 0x0F, 0xAE, 0x2B];
    private static readonly byte[] s_xrstors = [0x0F, 0xC7, 0x1B], s_xrstors64 = [0x48, 0x0F, 0xC7, 0x1B];
    private static readonly byte[] s_show = [0x0F, 0xC7, 0x26];

    [Test]
    public void SupervisorsSaveWhatProgramsSave([ValueSource(typeof(Engines), nameof(Engines.All))] string engine, [Values] bool wide)
    {
        using ManualMachine machine = new(engine);
        CaseRandom random = new(OracleSettings.Seed);
        for (int n = 0; n < Cases; n++)
        {
            byte[] scratch = Contents(random);
            Run(machine, s_xrstor, State(random), scratch);
            ManualState state = State(random);
            state.Gpr[0] = (ulong)random.Below(8);
            state.Gpr[3] = OracleLayout.Scratch + Result;
            byte[] expected = Run(machine, wide ? s_xsavec64 : s_xsavec, state, scratch);
            byte[] actual = Run(machine, wide ? s_xsaves64 : s_xsaves, state, scratch);
            Assert.That(actual, Is.EqualTo(expected), $"case {n}, seed {OracleSettings.Seed:X}h");
            Assert.That(actual, Is.Not.EqualTo(scratch), "something was stored");
        }
    }

    [Test]
    public void SupervisorsLoadWhatProgramsLoad([ValueSource(typeof(Engines), nameof(Engines.All))] string engine, [Values] bool wide)
    {
        using ManualMachine machine = new(engine);
        CaseRandom random = new(OracleSettings.Seed);
        for (int n = 0; n < Cases; n++)
        {
            byte[] scratch = Contents(random);
            ManualState state = State(random);
            byte[] expected = Run(machine, [.. wide ? s_xrstor64 : s_xrstor, .. s_show], state, scratch);
            byte[] actual = Run(machine, [.. wide ? s_xrstors64 : s_xrstors, .. s_show], state, scratch);
            Assert.That(actual, Is.EqualTo(expected), $"case {n}, seed {OracleSettings.Seed:X}h");
        }
    }

    [TestCase(0, 3, Xsave, 0, true, 13L, TestName = "ProgramsAreRefused")]
    [TestCase(0, 3, 0UL, 0, true, 6L, TestName = "ProgramsWithoutXsaveMeetAnUndefinedOpcode")]
    [TestCase(0, 0, 0UL, 0, true, 6L, TestName = "UndefinedUnlessEnabled")]
    [TestCase(8, 0, Xsave, 0, true, 13L, TestName = "TheAreaIsAligned")]
    [TestCase(0, 0, Xsave, 1, false, 13L, TestName = "RestoringTakesTheCompactedFormatOnly")]
    public void Refusals(int offset, int level, ulong cr4, int standard, bool saves, long vector)
    {
        foreach (string engine in Engines.All)
        {
            using ManualMachine machine = new(engine);
            CaseRandom random = new(OracleSettings.Seed);
            byte[] scratch = Contents(random);
            if (standard != 0)
                scratch.AsSpan(Image + HeaderAt + 8, 8).Clear();
            ManualState state = State(random);
            ManualCase.SetLevel(state, level);
            state.Cr4 = (state.Cr4 & ~Xsave) | cr4;
            state.Gpr[3] += (ulong)offset;
            foreach (byte[] code in saves ? (byte[][])[s_xsaves, s_xrstors] : [s_xrstors])
            {
                machine.SetMemory(ManualLayout.Make(random), scratch);
                ExceptionFrame? frame = machine.Run(code, state, endsWithHalt: false, out _);
                Assert.That(frame?.Vector, Is.EqualTo(vector), engine);
            }
        }
    }

    // A compacted image whose components and contents are random.
    private static byte[] Contents(CaseRandom random)
    {
        byte[] scratch = new byte[OracleLayout.ScratchSize];
        EdgeValues.FillLanes(random, scratch);
        Span<byte> image = scratch.AsSpan(Image);
        image.Slice(HeaderAt, 64).Clear();
        BitConverter.TryWriteBytes(image[24..], 0x1F80u | (uint)(random.Below(4) << 13));
        image[13] = image[14] = image[15] = image[21] = image[22] = image[23] = 0;
        int held = random.Below(8);
        BitConverter.TryWriteBytes(image[HeaderAt..], (ulong)(held & random.Below(8)));
        BitConverter.TryWriteBytes(image[(HeaderAt + 8)..], (uint)held | Compacted);
        return scratch;
    }

    private static ManualState State(CaseRandom random)
    {
        ManualState s = new ManualCase(random, default, 64).Make();
        ManualCase.SetLevel(s, 0);
        s.Cr0 &= ~8UL;
        s.Cr4 |= Xsave;
        s.Xcr0 = 7;
        (s.Gpr[0], s.Gpr[2]) = (7, 0);
        s.Gpr[3] = OracleLayout.Scratch + Image;
        s.Gpr[6] = OracleLayout.Scratch + Result;
        return s;
    }

    private static byte[] Run(ManualMachine machine, byte[] code, ManualState state, byte[] scratch)
    {
        machine.SetMemory(ManualLayout.Make(new CaseRandom(1)), scratch);
        ExceptionFrame? frame = machine.Run(code, state, endsWithHalt: true, out _);
        Assert.That(frame, Is.Null, "no exception");
        return machine.Read(OracleLayout.Scratch, OracleLayout.ScratchSize).ToArray();
    }
}
