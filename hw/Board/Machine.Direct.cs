using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>Starting without a firmware of the guest.</content>
public sealed partial class Machine
{
    private TestDevice? _testDevice;
    private FwCfg? _fwCfg;

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

        if (wanted.HasFlag(EmulatorDevices.FwCfg))
        {
            FwCfgItems items = new(Spec.MemoryBytes, Spec.Cores);
            foreach (FlashFile file in Spec.ConfigurationFiles)
            {
                items.AddFile(file.Name, file.Contents.ToArray());
            }

            _fwCfg = new FwCfg(items, Memory, _services);
            _fwCfg.Map(Ports);
            _stateful.Add(_fwCfg);
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
