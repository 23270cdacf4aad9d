using System;
using System.Runtime;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// A kernel without an operating system: it runs one program, which its command line names, with what follows the name as options, and
/// ends with the program's exit status.
/// </summary>
public static unsafe class Program
{
    private const int CommandLineAt = 24; // hvm_start_info.cmdline_paddr

    [RuntimeExport("kernel_main")]
    private static void Main(uint startInfo)
    {
        Options.Text = *(byte**)((ulong)startInfo + CommandLineAt);
        Traps.Initialise();
        Marker.Label(0x4E5552); // the boot is over
        Marker.ExitStatus((ulong)Run());
        for (; ; ) Machine.Hlt();
    }

    private static int Run()
    {
        if (Options.Has("tsc-sync"u8)) return TscSync.Run();
        if (Options.Has("seqcount"u8)) return SeqcountClock.Run();
        if (Options.Has("udelay"u8)) return MwaitxDelay.Run();
        if (Options.Has("hpet-oneshot"u8)) return HpetOneShot.Run();
        if (Options.Has("p-state"u8)) return PStateRewrite.Run();
        if (Options.Has("idle"u8)) return IdleCores.Run();
        if (Options.Has("rtc-alarm"u8)) return RtcAlarm.Run();
        Out.Line("bare: the command line names no program"u8);
        return 2;
    }
}
