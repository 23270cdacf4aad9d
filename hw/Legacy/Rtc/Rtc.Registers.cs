using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Legacy;

/// <content>The bytes by name, for those who watch them.</content>
public sealed partial class Rtc
{
    private static readonly (string Name, int Index)[] s_names =
    [
        ("SECONDS", RtcRegisters.Seconds), ("SECONDS_ALARM", 0x01), ("MINUTES", RtcRegisters.Minutes), ("MINUTES_ALARM", 0x03), ("HOURS", RtcRegisters.Hours),
        ("HOURS_ALARM", 0x05), ("DAY_OF_WEEK", RtcRegisters.DayOfWeek), ("DAY_OF_MONTH", RtcRegisters.DayOfMonth), ("MONTH", RtcRegisters.Month),
        ("YEAR", RtcRegisters.Year), ("A", RtcRegisters.A), ("B", RtcRegisters.B), ("C", RtcRegisters.C), ("D", RtcRegisters.D), ("CENTURY", RtcRegisters.Century),
    ];

    /// <summary>Time, alarm and the registers A to D as they are at present; reading them here has no side effects, on C neither.</summary>
    public IEnumerable<NamedRegister> Registers
    {
        get
        {
            NamedRegister[] all = [.. _registers.Named()];
            int[] offsets = [.. _registers.Dump().Select(r => r.Offset)];
            foreach ((string name, int index) in s_names)
            {
                NamedRegister register = all[Array.IndexOf(offsets, index)];
                yield return register with { Name = name, Read = () => AtPresent(register.Read) };
            }
        }
    }

    /// <summary>
    /// The tick of the RTC's clock after the present one at which a register may change by itself: an update begins to be announced or ends,
    /// or a period does. <see cref="ulong.MaxValue"/> for none.
    /// </summary>
    public ulong NextChange
    {
        get
        {
            if (!Running)
                return ulong.MaxValue;
            ulong since = NowTick - _chainBase;
            ulong second = since - (since % TicksPerSecond);
            ulong next = ulong.MaxValue;
            foreach (ulong position in (ReadOnlySpan<ulong>)[UpdateLength, TicksPerSecond - UpdateWarning, TicksPerSecond + UpdateLength])
                next = second + position > since ? Math.Min(next, second + position) : next;
            if (PeriodTicks != 0)
                next = Math.Min(next, ((since / PeriodTicks) + 1) * PeriodTicks);
            return _chainBase + next;
        }
    }

    /// <summary>Reads a register brought to the present, and leaves everything as it was.</summary>
    private ulong AtPresent(Func<ulong> read)
    {
        (byte flags, ulong updates, ulong tick) = (_flags, _updatesDone, _checkedTick);
        ulong[] time = [.. Enumerable.Range(0, RtcRegisters.A).Append(RtcRegisters.Century).Select(_registers.Stored)];
        Synchronise();
        ulong value = read();
        for (int index = 0; index < RtcRegisters.A; index++)
            _registers.Store(index, time[index]);
        _registers.Store(RtcRegisters.Century, time[^1]);
        (_flags, _updatesDone, _checkedTick) = (flags, updates, tick);
        return value;
    }
}
