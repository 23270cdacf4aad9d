using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>Starting without a firmware of the guest.</content>
public sealed partial class Machine
{
    private TestDevice? _testDevice;
    private FwCfg? _fwCfg;
    private KeyboardController? _keyboard;
    private TextScreen? _screen;

    /// <summary>What the text screen shows; empty when there is none.</summary>
    public string ScreenText => _screen?.Read(Memory) ?? "";

    /// <summary>
    /// Brings the platform to the state in which firmware leaves it (<see cref="FirmwareState"/>), without executing any. The other
    /// cores wait for a start-up IPI. Comes once, before the first <see cref="Run"/>, and before <see cref="Enter"/>.
    /// </summary>
    /// <returns>The IO-APIC's id, which ACPI tables must tell.</returns>
    public uint PreparePlatform() => FirmwareState.Apply(this);

    /// <summary>Copies into RAM what a boot loader would have loaded.</summary>
    /// <param name="address">Physical address.</param>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Part of it is not RAM.</exception>
    public void Load(ulong address, ReadOnlySpan<byte> bytes) => Memory.Write(address, bytes);

    /// <summary>What an MSR of a core reads as; 0 when the core has none of that number.</summary>
    /// <param name="core">The core, from 0.</param>
    /// <param name="number">The MSR's number.</param>
    public ulong ReadMsr(int core, uint number) => DirectStart.TryReadMsr(Cores[core].Context, number, out ulong value) ? value : 0;

    /// <summary>Puts the boot processor where a boot loader would enter its program.</summary>
    public void Enter(DirectEntry entry)
    {
        MachineCore core = Cores[0];
        core.Engine.Quiesce();
        DirectStart.Enter(core.Context, entry);
        core.Engine.Attach(core.Cycle);
    }

    /// <summary>Devices that emulators have and Rome boards do not, as the specification asks for them.</summary>
    private void AddEmulatorDevices()
    {
        EmulatorDevices wanted = Spec.Devices;
        if (wanted.HasFlag(EmulatorDevices.DebugExit))
        {
            new DebugExit(status => _host.OnGuestRequest(_running?.Index ?? 0, GuestRequest.Exit, status)).Map(Ports);
        }

        if (wanted.HasFlag(EmulatorDevices.DebugConsole))
        {
            new DebugConsole(DebugConsole.FirmwarePort, _host.OnDebugConsole).Map(Ports);
        }

        if (wanted.HasFlag(EmulatorDevices.TestDevice))
        {
            _testDevice = new TestDevice(_services);
            _testDevice.Map(Ports);
            _stateful.Add(_testDevice);
            for (int n = 0; n < TestDevice.LineCount; n++)
            {
                ConnectGlobal(_testDevice.Lines[n], n);
            }
        }

        if (wanted.HasFlag(EmulatorDevices.KeyboardController))
        {
            _keyboard = new KeyboardController(_services, this);
            _keyboard.Map(Ports);
            _stateful.Add(_keyboard);
            ConnectGlobal(_keyboard.Interrupt, KeyboardController.Irq);
        }

        if (wanted.HasFlag(EmulatorDevices.TextScreen))
        {
            _screen = new TextScreen();
            _screen.Map(Ports);
            _stateful.Add(_screen);
        }

        if (wanted.HasFlag(EmulatorDevices.FwCfg))
        {
            FwCfgItems items = new(Spec.MemoryBytes, Spec.Cores);
            if (Spec.Board == BoardKind.I440Fx)
            {
                items.AddFile("etc/e820", MemoryFile());
            }

            foreach (FlashFile file in Spec.ConfigurationFiles)
            {
                items.AddFile(file.Name, file.Contents.ToArray());
            }

            _fwCfg = new FwCfg(items, Memory, _services);
            _fwCfg.Map(Ports);
            _stateful.Add(_fwCfg);
        }
    }

    /// <summary>RAM as firmware for QEMU expects to read it: entries of start (u64), length (u64) and kind (u32, 1).</summary>
    private byte[] MemoryFile()
    {
        const uint usable = 1;
        ulong low = Math.Min(Spec.MemoryBytes, MemoryMap.LowRamLimit);
        List<(ulong Start, ulong Length)> ranges = [(0, low)];
        if (Spec.MemoryBytes > low)
        {
            ranges.Add((MemoryMap.FourGibibytes, Spec.MemoryBytes - low));
        }

        return [.. ranges.SelectMany(r => (byte[])[
            .. FwCfgItems.Number(r.Start, sizeof(ulong)), .. FwCfgItems.Number(r.Length, sizeof(ulong)), .. FwCfgItems.Number(usable, sizeof(uint))])];
    }

    /// <summary>The end of the flash at the end of the first MiB, where a PC's processor finds it beside the top of the address space.</summary>
    private void ShadowFlash()
    {
        if (Spec.Board == BoardKind.I440Fx)
        {
            int length = (int)(MemoryMap.OneMebibyte - MemoryMap.BiosArea);
            Memory.Write(MemoryMap.BiosArea, Spec.Flash.Span[^length..]);
        }
    }

    /// <summary>A line by its global system interrupt: the first 16 are ISA's, and line 0 has IO-APIC pin 2.</summary>
    private void ConnectGlobal(InterruptLine line, int number)
    {
        const int isaLines = 16, timerPin = 2;
        if (number < isaLines)
        {
            line.Connect(Pic, number);
        }

        line.Connect(IoApic, number == 0 ? timerPin : number);
    }
}
