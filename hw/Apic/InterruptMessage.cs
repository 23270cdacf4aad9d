using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>Delivery modes of messages, redirection entries and local vector table entries (AMD64 APM volume 2, table 16-3).</summary>
public enum DeliveryMode : byte
{
    Fixed = 0,
    LowestPriority = 1,
    Smi = 2,
    RemoteRead = 3,
    Nmi = 4,
    Init = 5,
    Startup = 6,
    External = 7,
}

/// <summary>Who a message is for, apart from its destination field.</summary>
public enum DestinationShorthand : byte
{
    None = 0,
    Self = 1,
    AllIncludingSelf = 2,
    AllExcludingSelf = 3,
}

/// <summary>An interrupt on its way to local APICs.</summary>
/// <param name="Mode">What the receiver does with it.</param>
/// <param name="Vector">Vector, or the start page of a start-up message.</param>
/// <param name="Destination">APIC ID or logical destination.</param>
/// <param name="Logical">Whether the destination is logical.</param>
/// <param name="Wide">Whether the sender used a 32-bit destination (x2APIC); otherwise FFh is everybody.</param>
/// <param name="Level">Level-triggered.</param>
/// <param name="Shorthand">Overrides the destination.</param>
/// <param name="Source">Index of the sending local APIC, or -1 for a device.</param>
public readonly record struct InterruptMessage(
    DeliveryMode Mode,
    byte Vector,
    uint Destination,
    bool Logical,
    bool Wide,
    bool Level,
    DestinationShorthand Shorthand,
    int Source)
{
    internal void Save(StateWriter writer)
    {
        writer.Byte((byte)Mode);
        writer.Byte(Vector);
        writer.UInt32(Destination);
        writer.Bool(Logical);
        writer.Bool(Wide);
        writer.Bool(Level);
        writer.Byte((byte)Shorthand);
        writer.Int32(Source);
    }

    internal static InterruptMessage Restore(StateReader reader) => new(
        (DeliveryMode)(reader.Byte() & 7),
        reader.Byte(),
        reader.UInt32(),
        reader.Bool(),
        reader.Bool(),
        reader.Bool(),
        (DestinationShorthand)(reader.Byte() & 3),
        reader.Int32());
}
