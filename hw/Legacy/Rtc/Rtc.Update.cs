namespace CoSim.Hw.Legacy;

/// <summary>The update cycle, the alarm, the periodic rate (MC146818A, "Update Cycle", "Alarm", "Divider Control").</summary>
public sealed partial class Rtc
{
    private const ulong TicksPerSecond = 32_768;

    /// <summary>UIP rises 244 us before an update begins: 8 ticks.</summary>
    private const ulong UpdateWarning = 8;

    /// <summary>An update takes 1984 us with a 32.768 kHz crystal: 65 ticks. The new second shows at its end.</summary>
    private const ulong UpdateLength = 65;

    private const ulong SecondsPerDay = 86_400;

    private ulong NowTick => _spec.Clock.TicksAt(_services.Now);

    private bool Running => ((_registerA >> 5) & 3) == 1;

    private bool Held => (RegisterB & SetBit) != 0;

    private bool UpdateInProgress
    {
        get
        {
            ulong position = (NowTick - _chainBase) % TicksPerSecond;
            return Running && !Held && (position >= TicksPerSecond - UpdateWarning || (position < UpdateLength && NowTick - _chainBase >= TicksPerSecond));
        }
    }

    /// <summary>Ticks between periodic interrupts, or 0 for none. Rates 1 and 2 are 256 and 128 Hz.</summary>
    private ulong PeriodTicks
    {
        get
        {
            int rate = _registerA & 0xF;
            return rate == 0 ? 0 : 1UL << (rate < 3 ? rate + 6 : rate - 1);
        }
    }

    internal void WriteRegisterA(byte value)
    {
        bool ran = Running;
        _registerA = (byte)(value & 0x7F);
        if (Running && !ran)
        {
            // The first update begins half a second after the divider is let go.
            _chainBase = NowTick - (TicksPerSecond / 2);
            _updatesDone = 0;
            _checkedTick = NowTick;
        }
    }

    internal void WriteRegisterB(byte value)
    {
        if ((value & SetBit) != 0)
        {
            // SET aborts an update that is under way, and clears UIE.
            _registers.Store(RtcRegisters.B, value & ~(ulong)UpdateEnable);
        }
    }

    /// <summary>Brings the registers to the present.</summary>
    private void Synchronise()
    {
        ulong now = NowTick;
        if (Running && now >= _checkedTick)
        {
            ulong done = now - _chainBase < UpdateLength ? 0 : (now - _chainBase - UpdateLength) / TicksPerSecond;
            if (done > _updatesDone)
            {
                ulong due = done - _updatesDone;
                _updatesDone = done;
                if (!Held)
                {
                    Advance(due);
                }
            }

            if (PeriodTicks != 0 && (now - _chainBase) / PeriodTicks != (_checkedTick - _chainBase) / PeriodTicks)
            {
                _flags |= PeriodicEnable;
            }
        }

        _checkedTick = now;
    }

    /// <summary>Synchronises, drives the line and waits for the next moment that can interrupt.</summary>
    private void Follow()
    {
        Synchronise();
        _services.Drive(Output, InterruptRequested);
        ulong next = ulong.MaxValue;
        if (Running && !Held && (RegisterB & (AlarmEnable | UpdateEnable)) != 0)
        {
            next = _chainBase + ((_updatesDone + 1) * TicksPerSecond) + UpdateLength;
        }

        if (Running && PeriodTicks != 0 && (RegisterB & PeriodicEnable) != 0)
        {
            next = Math.Min(next, _chainBase + ((((NowTick - _chainBase) / PeriodTicks) + 1) * PeriodTicks));
        }

        if (next == ulong.MaxValue)
        {
            _services.Events.Cancel(_event);
        }
        else
        {
            _services.Events.Schedule(_event, _spec.Clock.TimeOf(next));
        }
    }

    private void Advance(ulong seconds)
    {
        CalendarTime? before = ReadCalendar();
        long start = (before ?? _spec.Start).ToSeconds();
        _flags |= UpdateEnable;
        if (AlarmWithin(start, seconds))
        {
            _flags |= AlarmEnable;
        }

        // Registers that hold no date (software wrote 32 January) are left alone, as no data sheet says what becomes of them.
        if (before is not null)
        {
            SetCalendar(CalendarTime.FromSeconds(start + (long)seconds));
        }
    }

    private bool AlarmWithin(long start, ulong seconds)
    {
        ulong span = Math.Min(seconds, SecondsPerDay);
        for (ulong i = 1; i <= span; i++)
        {
            long second = (long)((ulong)start + i) % (long)SecondsPerDay;
            if (AlarmMatches(1, (int)(second % 60)) && AlarmMatches(3, (int)(second / 60 % 60)) && AlarmHourMatches((int)(second / 3600)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>C0h to FFh is "don't care".</summary>
    private bool AlarmMatches(int index, int value)
    {
        byte alarm = (byte)_registers.Stored(index);
        return alarm >= 0xC0 || alarm == Encode(value);
    }

    private bool AlarmHourMatches(int hour)
    {
        byte alarm = (byte)_registers.Stored(5);
        return alarm >= 0xC0 || alarm == EncodeHour(hour);
    }

    private CalendarTime? ReadCalendar()
    {
        int second = Decode(RtcRegisters.Seconds);
        int minute = Decode(RtcRegisters.Minutes);
        int day = Decode(RtcRegisters.DayOfMonth);
        int month = Decode(RtcRegisters.Month);
        int year = Decode(RtcRegisters.Year) + (Decode(RtcRegisters.Century) * 100);
        int hour = DecodeHour();
        bool valid = second is >= 0 and < 60 && minute is >= 0 and < 60 && hour is >= 0 and < 24 && day is >= 1 and <= 31 &&
                     month is >= 1 and <= 12 && year is >= 1 and <= 9999;
        return valid ? new CalendarTime(year, month, day, hour, minute, second) : null;
    }

    private void SetCalendar(CalendarTime time)
    {
        _registers.Store(RtcRegisters.Seconds, Encode(time.Second));
        _registers.Store(RtcRegisters.Minutes, Encode(time.Minute));
        _registers.Store(RtcRegisters.Hours, EncodeHour(time.Hour));
        _registers.Store(RtcRegisters.DayOfWeek, Encode(time.DayOfWeek));
        _registers.Store(RtcRegisters.DayOfMonth, Encode(time.Day));
        _registers.Store(RtcRegisters.Month, Encode(time.Month));
        _registers.Store(RtcRegisters.Year, Encode(time.Year % 100));
        _registers.Store(RtcRegisters.Century, Encode(time.Year / 100));
    }

    private byte Encode(int value) => (RegisterB & BinaryMode) != 0 ? (byte)value : (byte)(((value / 10) << 4) | (value % 10));

    /// <summary>12-hour mode: 12, 1, ... 11, and bit 7 for the afternoon.</summary>
    private byte EncodeHour(int hour) =>
        (RegisterB & Mode24) != 0 ? Encode(hour) : (byte)(Encode(((hour + 11) % 12) + 1) | (hour >= 12 ? 0x80 : 0));

    private int Decode(int index) => Decode((byte)_registers.Stored(index));

    private int Decode(byte value)
    {
        if ((RegisterB & BinaryMode) != 0)
        {
            return value;
        }

        return (value & 0xF) > 9 || value >> 4 > 9 ? -1 : ((value >> 4) * 10) + (value & 0xF);
    }

    private int DecodeHour()
    {
        byte value = (byte)_registers.Stored(RtcRegisters.Hours);
        if ((RegisterB & Mode24) != 0)
        {
            return Decode(value);
        }

        int hour = Decode((byte)(value & 0x7F));
        return hour is >= 1 and <= 12 ? (hour % 12) + ((value & 0x80) != 0 ? 12 : 0) : -1;
    }
}
