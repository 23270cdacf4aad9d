namespace CoSim.Firmware.Acpi;

/// <summary>A processor's idle and performance states (ACPI Specification 6.3, sections 8.4.2.1 and 8.4.6) as EPYC's firmware tells them.</summary>
public static unsafe class ProcessorStates
{
    private const uint Ports = 1, FixedHardware = 0x7F;
    private const uint ByteAccess = 1;

    /// <summary>Fixed hardware for C1: AMD and Intel kernels alike take class 2 (the two fields) and address 0 as MWAIT with hint 0.</summary>
    private const uint NativeVendor = 2, NativeClass = 2;

    // Worst case latencies in microseconds, as EPYC 7002 firmware tells them (Schoene et al. 2021, arXiv 2108.00808, section IV).
    private const uint C1Latency = 1, C2Latency = 400;

    // Entering a P-state takes a voltage and frequency change of about a microsecond on Rome; firmware says 1, in microseconds.
    private const uint TransitionLatency = 1, BusMasterLatency = 1;

    /// <summary>Coordination type of _PSD: hardware takes the fastest wish of a domain.</summary>
    private const uint HardwareCoordination = 0xFE;

    /// <summary>_CST: C1 by MWAIT, and C2 by a port read where the machine has it.</summary>
    public static void WriteIdle(ref TableWriter w, in AcpiSpec spec)
    {
        uint states = spec.C2Port != 0 ? 2u : 1;
        Aml.Name(ref w, "_CST"u8);
        uint list = Aml.Package(ref w, states + 1);
        Aml.Integer(ref w, states);
        IdleState(ref w, 1, C1Latency, FixedHardware, NativeVendor, NativeClass, ByteAccess, 0);
        if (spec.C2Port != 0) IdleState(ref w, 2, C2Latency, Ports, 8, 0, ByteAccess, spec.C2Port);
        Aml.End(ref w, list);
    }

    /// <summary>_PCT, _PSS, _PSD and _PPC: P-states by MSR, each processor a domain of its own, all of them allowed.</summary>
    public static void WritePerformance(ref TableWriter w, uint processor, in AcpiSpec spec)
    {
        Aml.Name(ref w, "_PCT"u8);
        uint registers = Aml.Package(ref w, 2);
        for (int i = 0; i < 2; i++) Register(ref w, FixedHardware, 0, 0, 0, 0);
        Aml.End(ref w, registers);

        Aml.Name(ref w, "_PSS"u8);
        uint states = Aml.Package(ref w, (uint)spec.PowerStateCount);
        for (int i = 0; i < spec.PowerStateCount; i++)
        {
            PowerState* state = spec.PowerStates + i;
            Integers(ref w, state->Megahertz, state->Milliwatts, TransitionLatency, BusMasterLatency, state->Number, state->Number);
        }
        Aml.End(ref w, states);

        Aml.Name(ref w, "_PSD"u8);
        uint domains = Aml.Package(ref w, 1);
        Integers(ref w, 5, 0, processor, HardwareCoordination, 1);
        Aml.End(ref w, domains);

        Aml.Name(ref w, "_PPC"u8);
        Aml.Integer(ref w, 0);
    }

    private static void IdleState(ref TableWriter w, uint type, uint latency, uint space, uint bits, uint offset, uint access, uint address)
    {
        uint state = Aml.Package(ref w, 4);
        Register(ref w, space, bits, offset, access, address);
        Aml.Integer(ref w, type);
        Aml.Integer(ref w, latency);
        Aml.Integer(ref w, 0); // power: unknown
        Aml.End(ref w, state);
    }

    private static void Register(ref TableWriter w, uint space, uint bits, uint offset, uint access, uint address)
    {
        uint template = Aml.Template(ref w);
        Resource.Register(ref w, space, bits, offset, access, address);
        Aml.EndResources(ref w, template);
    }

    private static void Integers(ref TableWriter w, uint a, uint b, uint c, uint d, uint e)
    {
        uint package = Aml.Package(ref w, 5);
        Aml.Integer(ref w, a);
        Aml.Integer(ref w, b);
        Aml.Integer(ref w, c);
        Aml.Integer(ref w, d);
        Aml.Integer(ref w, e);
        Aml.End(ref w, package);
    }

    private static void Integers(ref TableWriter w, uint a, uint b, uint c, uint d, uint e, uint f)
    {
        uint package = Aml.Package(ref w, 6);
        Aml.Integer(ref w, a);
        Aml.Integer(ref w, b);
        Aml.Integer(ref w, c);
        Aml.Integer(ref w, d);
        Aml.Integer(ref w, e);
        Aml.Integer(ref w, f);
        Aml.End(ref w, package);
    }
}
