using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Benchmarks;

/// <summary>One core in 64-bit mode with identity-mapped RAM and nothing else.</summary>
internal sealed unsafe class BenchMachine : ICoreProbe
{
    private readonly PhysicalMemory _memory = new();

    public BenchMachine(byte[] program)
    {
        _memory.AddRam(0, 16 << 20);
        Core = new CoreContext(
            new CoreEnvironment
            {
                Memory = _memory,
                Mmio = new MmioBus(),
                Ports = new PortBus(),
                Events = new EventQueue(),
                Clock = new ClockDomain("core", Frequency.FromMegahertz(2250), 0),
                Code = new CodeCache(_memory),
            },
            0,
            this);
        ResetState.Reset(Core);
        EnterLongMode();
        _memory.Write(GuestMix.CodeAddress, program);
    }

    public CoreContext Core { get; }

    public void OnMarker(CoreContext core, byte code, ulong rax)
    {
    }

    public void OnUnmodelled(CoreContext core, string what) => throw new InvalidOperationException(what);

    public void OnShutdown(CoreContext core) => throw new InvalidOperationException("the guest shut down");

    private void EnterLongMode()
    {
        const ulong top = 0x1000, pointers = 0x2000, directory = 0x3000;
        Put(top, pointers | 3);
        Put(pointers, directory | 3);
        for (ulong n = 0; n < 8; n++)
            Put(directory + n * 8, (n << 21) | 0x83);
        CpuState* s = Core.State;
        s->Cr3 = top;
        s->Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4FxSave;
        s->Cr0 = ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect | ControlBits.Cr0ExtensionType;
        s->Efer = ControlBits.EferLongActive | ControlBits.EferLongEnable;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister { Selector = 8, Attributes = 0x29B, Limit = uint.MaxValue };
        CpuState.Segment(s, SegmentIndex.Ss) = new SegmentRegister { Selector = 16, Attributes = 0xC93, Limit = uint.MaxValue };
        s->Gpr[4] = GuestMix.StackTop;
        s->Rip = GuestMix.CodeAddress;
        Core.RefreshMode();
        Core.Virtual.Flush();
    }

    private void Put(ulong address, ulong value) => _memory.Write(address, BitConverter.GetBytes(value));
}
