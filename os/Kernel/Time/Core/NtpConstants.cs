using System;

namespace CoSim.Os.Timekeeping;

/// <summary>Bits of timex.modes (adjtimex(2)).</summary>
[Flags]
internal enum AdjModes : uint
{
    Offset = 0x0001,
    Frequency = 0x0002,
    MaxError = 0x0004,
    EstError = 0x0008,
    Status = 0x0010,
    TimeConst = 0x0020,
    Tai = 0x0080,
    SetOffset = 0x0100,
    Micro = 0x1000,
    Nano = 0x2000,
    Tick = 0x4000,

    /// <summary>Internal to the C library's adjtime: singleshot and read-only forms carry it.</summary>
    AdjTime = 0x8000,
    OffsetSingleshot = 0x8001,
    OffsetReadOnly = 0x2000,
}

/// <summary>Bits of timex.status.</summary>
[Flags]
internal enum NtpStatus
{
    None = 0,
    Pll = 0x0001,
    PpsFreq = 0x0002,
    PpsTime = 0x0004,
    Fll = 0x0008,
    Ins = 0x0010,
    Del = 0x0020,
    Unsync = 0x0040,
    FreqHold = 0x0080,
    PpsSignal = 0x0100,
    PpsJitter = 0x0200,
    PpsWander = 0x0400,
    PpsError = 0x0800,
    ClockErr = 0x1000,
    Nano = 0x2000,
    Mode = 0x4000,
    Clk = 0x8000,
    ReadOnly = PpsSignal | PpsJitter | PpsWander | PpsError | ClockErr | Nano | Mode | Clk,
}

/// <summary>Clock state returned by adjtimex.</summary>
internal enum NtpState
{
    Ok = 0,
    Ins = 1,
    Del = 2,
    Oop = 3,
    Wait = 4,
    Error = 5,
}

/// <summary>Scales and limits of the NTP variables (timekeeping reference, section 4).</summary>
internal static class NtpConst
{
    /// <summary>Fixed-point position of tick lengths: nanoseconds * 2^32.</summary>
    internal const int ScaleShift = 32;
    internal const int ShiftPll = 2;
    internal const int ShiftFll = 2;
    internal const long MaxTimeConst = 10;

    /// <summary>500 ppm as nanoseconds per second.</summary>
    internal const long MaxFreq = 500_000;
    internal const long MaxFreqScaled = MaxFreq << ScaleShift;

    /// <summary>Half a second, in nanoseconds: the largest offset the loop takes.</summary>
    internal const long MaxPhase = 500_000_000;

    /// <summary>adjtime slews at 500 us per second.</summary>
    internal const long MaxTickAdjUsec = 500;
    internal const long MaxTickAdjScaled = (MaxTickAdjUsec * TimeUnits.NsecPerUsec << ScaleShift) / TimeUnits.Hz;
    internal const long MinSec = 256;
    internal const long MaxSec = 2048;

    /// <summary>Microseconds; beyond it the clock counts as unsynchronised.</summary>
    internal const long PhaseLimit = 16_000_000;

    /// <summary>timex.freq is ppm * 2^16; this brings it to nanoseconds per second * 2^32.</summary>
    internal const long PpmScale = TimeUnits.NsecPerUsec << (ScaleShift - 16);
    internal const int PpmScaleInverseShift = 19;
    internal const long PpmScaleInverse = (1L << (ScaleShift + PpmScaleInverseShift)) / PpmScale + 1;

    /// <summary>"No leap second is planned."</summary>
    internal const long NoLeap = long.MaxValue;

    /// <summary>Microseconds per USER_HZ tick.</summary>
    internal const long UserTickUsec = TimeUnits.UsecPerSec / TimeUnits.UserHz;
    internal const long SecPerDay = 86400;
}
