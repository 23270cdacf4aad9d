using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>The boot processor's local APIC in xAPIC mode, and the IO-APIC.</summary>
public static unsafe class Apic
{
    /// <summary>Physical addresses.</summary>
    public const uint LocalBase = 0xFEE00000, IoBase = 0xFEC00000;

    private const uint Id = 0x20, Spurious = 0xF0, CommandLow = 0x300, CommandHigh = 0x310, Lint0 = 0x350, Lint1 = 0x360;
    private const uint DeliveryPending = 1 << 12;
    private const ulong EnabledExtended = 0xC00;

    /// <summary>What an application processor's APIC_BASE holds in x2APIC mode.</summary>
    public const ulong OthersExtended = LocalBase | EnabledExtended;
    private const uint WantedIoApicId = 128; // as Rome's firmware numbers it

    /// <summary>This processor's id.</summary>
    public static uint LocalId => Read(Id) >> 24;

    /// <summary>The id that the IO-APIC took.</summary>
    public static uint IoApicId { get; private set; }

    /// <summary>Enables the local APIC in virtual wire mode (Intel MultiProcessor Specification 1.4, section 3.6.2.2).</summary>
    public static void Initialise()
    {
        Machine.Wrmsr(Msr.ApicBase, Machine.Rdmsr(Msr.ApicBase) | 0x800);
        Write(Spurious, 0x1FF);
        Write(Lint0, 0x700); // ExtINT
        Write(Lint1, 0x400); // NMI
        WriteIo(0, WantedIoApicId << 24);
        IoApicId = ReadIo(0) >> 24;
    }

    /// <summary>Sends to one processor, this one too.</summary>
    /// <param name="id">Its local APIC's id.</param>
    /// <param name="command">Delivery mode and vector, ICR bits 14:0.</param>
    public static void Send(uint id, uint command)
    {
        Write(CommandHigh, id << 24);
        Write(CommandLow, command);
        while ((Read(CommandLow) & DeliveryPending) != 0) Machine.Pause();
    }

    /// <summary>Sends to all processors but this one.</summary>
    /// <param name="command">Delivery mode and vector, ICR bits 14:0.</param>
    public static void Broadcast(uint command)
    {
        Write(CommandHigh, 0);
        Write(CommandLow, 3u << 18 | command);
        while ((Read(CommandLow) & DeliveryPending) != 0) Machine.Pause();
    }

    /// <summary>
    /// Leaves this processor's local APIC in x2APIC mode (APM vol. 2, 16.9), with the registers as they are. Nothing here can be used behind it.
    /// </summary>
    public static void EnterExtendedMode() => Machine.Wrmsr(Msr.ApicBase, Machine.Rdmsr(Msr.ApicBase) | EnabledExtended);

    private static uint Read(uint offset) => *(uint*)(ulong)(LocalBase + offset);

    private static void Write(uint offset, uint value) => *(uint*)(ulong)(LocalBase + offset) = value;

    private static uint ReadIo(uint register)
    {
        *(uint*)(ulong)IoBase = register;
        return *(uint*)(ulong)(IoBase + 0x10);
    }

    private static void WriteIo(uint register, uint value)
    {
        *(uint*)(ulong)IoBase = register;
        *(uint*)(ulong)(IoBase + 0x10) = value;
    }
}
