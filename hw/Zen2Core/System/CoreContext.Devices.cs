using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core;

/// <summary>Watches what a core reads from devices and writes to them.</summary>
public interface IDeviceAccessProbe
{
    /// <summary>A read has been answered.</summary>
    /// <param name="port">True for an I/O port, false for physical memory.</param>
    /// <param name="address">Port or physical address.</param>
    /// <param name="size">1, 2, 4 or 8 bytes; other sizes come in parts.</param>
    /// <param name="value">What the core got.</param>
    void OnDeviceRead(bool port, ulong address, int size, ulong value);

    /// <summary>A write has been made; only the low <paramref name="size"/> bytes of the value count.</summary>
    void OnDeviceWrite(bool port, ulong address, int size, ulong value);
}

/// <summary>The way to devices: time is brought up to date first, and the access is paid for.</summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>Who watches the core's accesses to devices, the local APIC excepted; null for nobody.</summary>
    public IDeviceAccessProbe? DeviceProbe { get; set; }

    private const ulong ApicPageMask = 0xFFFF_FFFF_F000;
    private const ulong ApicGlobalEnable = 1 << 11, ApicExtended = 1 << 10;

    /// <summary>Reads a device register in physical memory, or the local APIC.</summary>
    /// <param name="physical">Physical address that is not RAM or ROM.</param>
    /// <param name="size">1 to 8 bytes; odd sizes are split.</param>
    /// <param name="instructionsBefore">Instructions retired since <see cref="Isa.CpuState.Executed"/> was last brought up to date.</param>
    public ulong ReadDevice(ulong physical, int size, int instructionsBefore)
    {
        Synchronise(instructionsBefore);
        if (IsLocalApic(physical))
        {
            ulong register = Interrupts!.ReadRegister((int)(physical & 0xFFF));
            NoteDeviceAccess(instructionsBefore, new DeviceAccess(IsPort: false, IsWrite: false, physical, size, register));
            return register;
        }

        ulong value = 0;
        for (int n = 0; n < size;)
        {
            int part = Part(physical + (uint)n, size - n);
            ulong read = Environment.Mmio.Read(physical + (uint)n, part, out SimDuration latency);
            DeviceProbe?.OnDeviceRead(port: false, physical + (uint)n, part, read);
            NoteDeviceAccess(instructionsBefore, new DeviceAccess(IsPort: false, IsWrite: false, physical + (uint)n, part, read));
            value |= read << (n * 8);
            Charge(latency);
            n += part;
        }

        return value;
    }

    /// <summary>Writes a device register in physical memory, or the local APIC.</summary>
    public void WriteDevice(ulong physical, int size, ulong value, int instructionsBefore)
    {
        Synchronise(instructionsBefore);
        if (IsLocalApic(physical))
        {
            NoteDeviceAccess(instructionsBefore, new DeviceAccess(IsPort: false, IsWrite: true, physical, size, value));
            Interrupts!.WriteRegister((int)(physical & 0xFFF), (uint)value);
            return;
        }

        for (int n = 0; n < size;)
        {
            int part = Part(physical + (uint)n, size - n);
            NoteDeviceAccess(instructionsBefore, new DeviceAccess(IsPort: false, IsWrite: true, physical + (uint)n, part, value >> (n * 8)));
            Environment.Mmio.Write(physical + (uint)n, part, value >> (n * 8), out SimDuration latency);
            DeviceProbe?.OnDeviceWrite(port: false, physical + (uint)n, part, value >> (n * 8));
            Charge(latency);
            n += part;
        }

        Charge(Spec.DeviceWriteSettling);
    }

    /// <summary>Reads an I/O port.</summary>
    public uint ReadPort(ushort port, int size)
    {
        Synchronise(0);
        uint value = Environment.Ports.Read(port, size, out SimDuration latency);
        DeviceProbe?.OnDeviceRead(port: true, port, size, value);
        NoteDeviceAccess(0, new DeviceAccess(IsPort: true, IsWrite: false, port, size, value));
        Charge(latency);
        return value;
    }

    /// <summary>Writes an I/O port.</summary>
    public void WritePort(ushort port, int size, uint value)
    {
        Synchronise(0);
        NoteDeviceAccess(0, new DeviceAccess(IsPort: true, IsWrite: true, port, size, value));
        Environment.Ports.Write(port, size, value, out SimDuration latency);
        DeviceProbe?.OnDeviceWrite(port: true, port, size, value);
        Charge(latency);
    }

    /// <summary>Makes the machine's present that of this core, so that devices see the time of the access.</summary>
    public void Synchronise(int instructionsBefore)
    {
        if (Engine is not null)
        {
            SimTime now = Clock.TimeOf(CycleOf(instructionsBefore));
            // A core may be a little past an event that it is about to be told of; devices then see the event's time.
            Events.AdvanceTo(SimTime.Min(now, Events.NextTime));
        }
    }

    /// <summary>The core cycle at which an instruction happens that is that many instructions past what has been counted.</summary>
    public ulong CycleOf(int instructionsBefore)
    {
        if (Engine is not { } engine)
            return 0;
        State->Executed += (uint)instructionsBefore;
        ulong cycle = engine.NowCycles;
        State->Executed -= (uint)instructionsBefore;
        return cycle;
    }

    private bool IsLocalApic(ulong physical) => Interrupts is { } apic
        && (physical & ApicPageMask) == (apic.ApicBase & ApicPageMask)
        && (apic.ApicBase & (ApicGlobalEnable | ApicExtended)) == ApicGlobalEnable;

    private void Charge(SimDuration latency)
    {
        if (latency.Femtoseconds > 0)
            Engine?.StallTime(Clock.Actual.TicksIn((UInt128)latency.Femtoseconds));
    }

    /// <summary>The largest naturally aligned power of two that fits.</summary>
    private static int Part(ulong address, int size)
    {
        int part = 8;
        while (part > size || (address & (uint)(part - 1)) != 0)
            part >>= 1;
        return part;
    }
}
