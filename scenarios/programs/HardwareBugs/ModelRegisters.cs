using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.HardwareBugs;

/// <summary>Writes model-specific registers as tools do, by Linux' driver for them (/dev/cpu/N/msr, the module "msr").</summary>
public static unsafe class ModelRegisters
{
    private const uint SysPread = 17, SysPwrite = 18;
    private const ulong PState0 = 0xC001_0064, DecodeConfiguration = 0xC001_1029;
    private const ulong FrequencyId = 0xFF, LoadFenceSerialises = 2;

    /// <summary>FID 64h with the divisor 8: 2500 MHz.</summary>
    private const ulong Faster = 0x64;

    /// <summary>HW-05. Defines P-state 0 anew on the first CPU: 2500 MHz in the place of 2250 MHz.</summary>
    public static int RewritePState()
    {
        Linux.Mount(Linux.Text("devtmpfs"u8), Linux.Text("/dev"u8));
        return Change(Linux.Text("/dev/cpu/0/msr"u8), PState0, FrequencyId, Faster);
    }

    /// <summary>HW-06. Clears bit 1 of DE_CFG, which Linux has set, on the CPUs of <see cref="ClockThreads"/>.</summary>
    public static int ClearLoadFenceBit()
    {
        Linux.Mount(Linux.Text("devtmpfs"u8), Linux.Text("/dev"u8));
        int first = Change(Linux.Text("/dev/cpu/0/msr"u8), DecodeConfiguration, LoadFenceSerialises, 0);
        return first != 0 ? first : Change(Linux.Text("/dev/cpu/4/msr"u8), DecodeConfiguration, LoadFenceSerialises, 0);
    }

    private static int Change(byte* device, ulong register, ulong mask, ulong bits)
    {
        ulong value = 0;
        int file = Linux.Open(device, Linux.ReadWrite);
        if (file < 0) return Failed(device, file);
        long result = SystemCall.Invoke6(SysPread, (ulong)file, (ulong)&value, sizeof(ulong), register, 0, 0);
        ulong changed = (value & ~mask) | bits;
        if (result == sizeof(ulong)) result = SystemCall.Invoke6(SysPwrite, (ulong)file, (ulong)&changed, sizeof(ulong), register, 0, 0);
        Linux.Close(file);
        if (result != sizeof(ulong)) return Failed(device, result);
        Line.Of("msr: bits "u8).Add((long)mask).Add(" of register "u8).Add((long)register).Add(" were "u8).Add((long)(value & mask)).Add(" and are "u8).Add((long)bits).End();
        return 0;
    }

    private static int Failed(byte* what, long error)
    {
        Text.Complain(Linux.Text("hardwarebugs: "u8), what, error);
        return 1;
    }
}
