using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Legacy;

/// <content>What the counters hold, by name, for those who watch them. The chip itself shows these through its latches only.</content>
public sealed partial class Pit8254
{
    private static readonly RegisterField[] s_portFields = [Rw("GATE2", 0, 1, "gate of counter 2"), Rw("SPKR", 1, 1, "speaker data"), Rw("UNUSED", 2, 2, "kept")];

    /// <summary>
    /// <c>COUNTn</c>, <c>DIVISORn</c> (1 to 65536), <c>MODEn</c> (0 to 5) and <c>OUTn</c> of counters 0 to 2, and <c>PORTB</c>, what was written
    /// to port 61h. Reading them has no side effects.
    /// </summary>
    public IEnumerable<NamedRegister> Registers
    {
        get
        {
            for (int n = 0; n < _channels.Length; n++)
            {
                PitChannel channel = _channels[n];
                yield return new NamedRegister($"COUNT{n}", sizeof(ushort), [], () => channel.Copy().CountNow(NowTick));
                yield return new NamedRegister($"DIVISOR{n}", sizeof(uint), [], () => channel.Divisor);
                yield return new NamedRegister($"MODE{n}", 1, [], () => (ulong)channel.Mode);
                yield return new NamedRegister($"OUT{n}", 1, [], () => channel.Copy().OutAt(NowTick) ? 1UL : 0);
            }

            yield return new NamedRegister("PORTB", 1, s_portFields, () => _portB);
        }
    }

    /// <summary>
    /// Whether a counter counts down by one each clock, in binary: not in mode 3, which counts by two, and not in BCD.
    /// </summary>
    /// <param name="counter">0 to 2.</param>
    public bool CountsByOne(int counter) => _channels[counter].CountsByOne;

    /// <summary>The clock after the present one at which a counter's output changes; <see cref="ulong.MaxValue"/> for none.</summary>
    /// <param name="counter">0 to 2.</param>
    public ulong NextOutputChange(int counter) => _channels[counter].Copy().NextChange(NowTick);
}
