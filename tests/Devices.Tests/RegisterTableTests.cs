using CoSim.Hw.Apic;
using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Devices.Tests;

/// <summary>What the declaration of a register promises.</summary>
public sealed class RegisterTableTests
{
    private static readonly RegisterTable<Toy> Table = new(
        "toy",
        0x20,
        new()
        {
            Name = "CTRL",
            Offset = 0,
            Bytes = 4,
            Reset = 0x100,
            Fields = [Rw("EN", 0, 1, "enable"), Ro("ID", 8, 4, "identity"), W1C("DONE", 16, 2, "done"), Tag("TURBO", 20, 1, "faster")],
        },
        new() { Name = "WIDE", Offset = 8, Bytes = 8, Fields = [Rw("V", 0, 64, "value")] },
        new()
        {
            Name = "LIVE",
            Offset = 0x10,
            Bytes = 2,
            Count = 2,
            Stride = 4,
            Fields = [Rw("V", 0, 16, "value")],
            Read = static (t, n) => t.Live[n],
            AfterRead = static (t, n) => t.Live[n] = 0,
            Write = static (Toy t, int n, in RegisterWrite w) => t.Live[n] = w.New,
        });

    private Toy _toy = null!;
    private List<string> _log = null!;
    private RegisterBank<Toy> _bank = null!;

    [SetUp]
    public void SetUp()
    {
        _toy = new Toy();
        _log = [];
        _bank = new RegisterBank<Toy>(Table, _toy, "toy", new UnmodelledLog(_log.Add));
    }

    [Test]
    public void ModesDecideWhatAWriteDoes()
    {
        _bank.Store(0, 0x3_0100);
        _bank.Write(0, 4, 0x1_0F01);
        Assert.That(_bank.Read(0, 4, 0), Is.EqualTo(0x2_0101));
    }

    [Test]
    public void BytesOutsideTheAccessAreUntouched()
    {
        _bank.Write(8, 8, 0x1122_3344_5566_7788);
        _bank.Write(0xA, 2, 0xAAAA);
        _bank.Write(0xF, 1, 0xBB);
        Assert.That(_bank.Read(8, 8, 0), Is.EqualTo(0xBB22_3344_AAAA_7788));
        Assert.That(_bank.Read(0xC, 4, 0), Is.EqualTo(0xBB22_3344));
    }

    [Test]
    public void AccessesSpanRegistersAndHoles()
    {
        _toy.Live[0] = 0x1111;
        _toy.Live[1] = 0x2222;
        Assert.That(_bank.Read(0x10, 8, 0xEE), Is.EqualTo(0xEEEE_2222_EEEE_1111));
        Assert.That(_toy.Live, Is.EqualTo(new ulong[] { 0, 0 }), "clear on read");
        _bank.Write(0x12, 4, 0x7777_8888);
        Assert.That(_toy.Live[1], Is.EqualTo(0x7777));
    }

    [Test]
    public void DumpHasNoSideEffects()
    {
        _toy.Live[0] = 5;
        Assert.That(_bank.Dump().Single(r => r.Name == "LIVE0").Value, Is.EqualTo(5));
        Assert.That(_toy.Live[0], Is.EqualTo(5));
    }

    [Test]
    public void GapsAreLoggedByNameAndOnce()
    {
        for (int i = 0; i < 3; i++)
        {
            _bank.Write(0, 4, 0x8010_0100);
            _bank.Write(4, 1, 1);
        }

        Assert.That(_log, Is.EqualTo(new[]
        {
            "toy: CTRL: TURBO not modelled, set (100000h)",
            "toy: CTRL: bit 31 reserved, changed (80000000h)",
            "toy: offset 4h: no register here, written (1h)",
        }));
    }

    [Test]
    public void OverlapsAreRefused() => Assert.Throws<ArgumentException>(static () => _ = new RegisterTable<Toy>(
        "bad",
        8,
        new Register<Toy> { Name = "A", Offset = 0, Bytes = 4, Fields = [] },
        new Register<Toy> { Name = "B", Offset = 2, Bytes = 4, Fields = [] }));

    [Test]
    public void EveryDeviceDescribesItself()
    {
        string[] documents =
        [
            LocalApicRegisters.Table.Describe(),
            IoApicRegisters.For(24).Describe(),
            HpetRegisters.For(3).Describe(),
            PmRegisters.Table.Describe(),
            RtcRegisters.Table.Describe(),
        ];
        Assert.That(documents[0], Does.Contain("| 380 | TMICT | 31:0 | ICNT | ReadWrite | 0 |"));
        Assert.That(documents[2], Does.Contain("| 100 + 20n, n < 3 | TnCONF | 6 | VAL_SET_CNF |"));
    }

    [Test]
    public void FieldsOfEveryDeviceAreDisjoint()
    {
        Check(LocalApicRegisters.Table);
        Check(IoApicRegisters.For(24));
        Check(HpetRegisters.For(3));
        Check(PmRegisters.Table);
        Check(RtcRegisters.Table);
    }

    private static void Check<T>(RegisterTable<T> table)
        where T : class
    {
        foreach (Register<T> row in table.Rows)
        {
            ulong seen = 0;
            foreach (RegisterField field in row.Fields)
            {
                Assert.That(seen & field.Mask, Is.Zero, $"{table.Component} {row.Name}.{field.Name}");
                Assert.That(field.Mask & ~row.WidthMask, Is.Zero, $"{table.Component} {row.Name}.{field.Name}");
                seen |= field.Mask;
            }
        }
    }

    private sealed class Toy
    {
        public ulong[] Live { get; } = new ulong[2];
    }
}
