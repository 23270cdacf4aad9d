namespace CoSim.Os;

/// <summary>The IO-APICs of the MADT (82093AA data sheet; version 20h and later).</summary>
public static unsafe class IoApic
{
    private struct Unit
    {
        public byte* Registers;
        public uint Id, GsiBase, Pins;
    }

    [System.Runtime.CompilerServices.InlineArray(8)]
    private struct Units { private Unit _first; }

    private static Units s_units;
    private static int s_count;
    private static SpinLock s_lock;

    /// <summary>Registers a unit and masks all its pins. Units beyond the eighth are logged and ignored.</summary>
    public static void Add(uint id, ulong physical, uint gsiBase)
    {
        if (s_count == 8)
        {
            Log.Print("IO-APIC %u ignored: too many units"u8, id);
            return;
        }
        Unit* u = (Unit*)Text.Address(ref s_units) + s_count++;
        u->Registers = Mmio.Map(physical, 0x20);
        u->Id = id;
        u->GsiBase = gsiBase;
        u->Pins = (Read(u, 1) >> 16 & 0xFF) + 1;
        for (uint pin = 0; pin < u->Pins; pin++) Write(u, 0x10 + 2 * pin, 1 << 16);
        Log.Print("IOAPIC[%u]: apic_id %u, version %u, address 0x%llx, GSI %u-%u"u8, (ulong)(s_count - 1), id, Read(u, 1) & 0xFF, physical, gsiBase, gsiBase + u->Pins - 1);
    }

    /// <summary>Directs a GSI to a vector of one CPU, unmasked. False if no unit has the pin.</summary>
    public static bool Route(uint gsi, int vector, uint apicId, bool level, bool activeLow)
    {
        Unit* u = Find(gsi);
        if (u == null) return false;
        uint pin = gsi - u->GsiBase;
        ulong flags = s_lock.AcquireIrqSave();
        Write(u, 0x11 + 2 * pin, apicId << 24);
        Write(u, 0x10 + 2 * pin, (uint)vector | (level ? 1u << 15 : 0) | (activeLow ? 1u << 13 : 0));
        s_lock.ReleaseIrqRestore(flags);
        return true;
    }

    /// <summary>Masks or unmasks a GSI that is routed already.</summary>
    public static void SetMask(uint gsi, bool masked)
    {
        Unit* u = Find(gsi);
        if (u == null) return;
        uint register = 0x10 + 2 * (gsi - u->GsiBase);
        ulong flags = s_lock.AcquireIrqSave();
        uint low = Read(u, register);
        Write(u, register, masked ? low | 1 << 16 : low & ~(1u << 16));
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Most pins that <see cref="Save"/> keeps of a unit.</summary>
    private const int KeptPins = 32;

    [System.Runtime.CompilerServices.InlineArray(8 * KeptPins)]
    private struct Entries { private ulong _first; }

    private static Entries s_saved;

    /// <summary>Keeps the redirection entries in memory: the units lose them when the machine sleeps.</summary>
    public static void Save()
    {
        for (int i = 0; i < s_count; i++)
        {
            Unit* u = (Unit*)Text.Address(ref s_units) + i;
            for (uint pin = 0; pin < u->Pins && pin < KeptPins; pin++)
                *Kept(i, pin) = Read(u, 0x10 + 2 * pin) | (ulong)Read(u, 0x11 + 2 * pin) << 32;
        }
    }

    /// <summary>Programs the entries anew.</summary>
    public static void Restore()
    {
        for (int i = 0; i < s_count; i++)
        {
            Unit* u = (Unit*)Text.Address(ref s_units) + i;
            for (uint pin = 0; pin < u->Pins && pin < KeptPins; pin++)
            {
                Write(u, 0x11 + 2 * pin, (uint)(*Kept(i, pin) >> 32));
                Write(u, 0x10 + 2 * pin, (uint)*Kept(i, pin));
            }
        }
    }

    private static ulong* Kept(int unit, uint pin) => (ulong*)Text.Address(ref s_saved) + unit * KeptPins + (int)pin;

    private static Unit* Find(uint gsi)
    {
        for (int i = 0; i < s_count; i++)
        {
            Unit* u = (Unit*)Text.Address(ref s_units) + i;
            if (gsi >= u->GsiBase && gsi < u->GsiBase + u->Pins) return u;
        }
        return null;
    }

    private static uint Read(Unit* u, uint register)
    {
        Mmio.Write32(u->Registers, register);
        return Mmio.Read32(u->Registers + 0x10);
    }

    private static void Write(Unit* u, uint register, uint value)
    {
        Mmio.Write32(u->Registers, register);
        Mmio.Write32(u->Registers + 0x10, value);
    }
}
