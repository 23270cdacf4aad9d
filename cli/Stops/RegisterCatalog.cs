using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CoSim.Cli.Debug.Target;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;
using CoSim.Os.Loader;

namespace CoSim.Cli.Stops;

/// <summary>
/// The registers of a machine by name: <c>DEVICE.REGISTER[.FIELD]</c> as docs/registers.md names them, in any case, and
/// <c>coreN.REGISTER</c> as gdb names them.
/// </summary>
internal sealed class RegisterCatalog
{
    private const int WidestInteger = 8;

    /// <summary>Registers whose values follow from counters or from what a core does without an access: looked at at every instruction.</summary>
    private static readonly HashSet<string> s_derived = new(StringComparer.OrdinalIgnoreCase) { "GINTR_STA", "PM1_STS", "TPR", "APR", "PPR", "IRR", "ISR" };

    /// <summary>What the clocks are called where registers are not.</summary>
    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["hpet.counter"] = "hpet.MAIN_CNT",
        ["pm.timer"] = "pm.PM_TMR",
        ["pit.counter"] = "pit.COUNT0",
        ["tsc"] = "core0.tsc",
    };

    private readonly Machine _machine;
    private readonly Dictionary<string, IReadOnlyList<NamedRegister>> _devices = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Collects the registers of a machine.</summary>
    public RegisterCatalog(Machine machine)
    {
        _machine = machine;
        Add(machine.Hpet.StateName, machine.Hpet.Registers);
        Add(machine.PowerManagement.StateName, machine.PowerManagement.Registers);
        Add(machine.FchPowerManagement.StateName, machine.FchPowerManagement.Registers);
        Add(machine.IoApic.StateName, machine.IoApic.Registers);
        Add(machine.Pit.StateName, machine.Pit.Registers);
        Add(machine.Pic.StateName + "0", machine.Pic.Registers(slave: false));
        Add(machine.Pic.StateName + "1", machine.Pic.Registers(slave: true));
        Add(machine.Rtc.StateName, machine.Rtc.Registers);
        foreach (MachineCore core in machine.Cores)
            Add(core.Apic.StateName, core.Apic.Registers);
        foreach (Hw.Legacy.PciFunction function in machine.Pci.Functions)
            Add(function.StateName, function.Registers);
    }

    private IReadOnlyCollection<string> Sources => [.. _devices.Keys, .. _machine.Cores.Select(c => $"core{c.Index}")];

    /// <summary>All names: a line a device, its registers behind it, those with fields with their fields.</summary>
    public string List()
    {
        StringBuilder text = new("REGISTER [& MASK] OPERATOR VALUE, with REGISTER one of these, DEVICE.REGISTER or DEVICE.REGISTER.FIELD:\n");
        foreach ((string device, IReadOnlyList<NamedRegister> registers) in _devices)
        {
            text.Append(device).Append(':');
            foreach (NamedRegister register in registers)
            {
                text.Append(' ').Append(register.Name);
                if (register.Fields.Count > 1)
                    text.Append('(').AppendJoin(' ', register.Fields.Select(f => f.Name)).Append(')');
            }

            text.Append('\n');
        }

        text.Append("core0").Append(_machine.Cores.Count > 1 ? $" to core{_machine.Cores.Count - 1}: " : ": ");
        text.AppendJoin(' ', TargetRegisters.All.Where(r => r.Bytes <= WidestInteger).Select(r => r.Name)).Append('\n');
        return text.Append("also: ").AppendJoin(", ", s_aliases.Select(a => $"{a.Key} for {a.Value}")).Append('\n').ToString();
    }

    /// <summary>Finds a register, or a field of one.</summary>
    /// <param name="option">Where the name comes from, for messages.</param>
    /// <param name="path">The name.</param>
    /// <returns>The register, and which of its bits are meant.</returns>
    /// <exception cref="BadInputException">There is none of that name.</exception>
    public (WatchedRegister Register, RegisterExtract Extract) Find(string option, string path)
    {
        string[] parts = (s_aliases.GetValueOrDefault(path) ?? path).Split('.');
        string source = parts[0];
        if (parts.Length is 2 or 3 && _devices.TryGetValue(source, out IReadOnlyList<NamedRegister>? registers))
            return OfDevice(option, path, source, registers, parts);
        if (CoreOf(source) is { } core && parts.Length is 2)
            return (OfCore(option, path, core, parts[1]), RegisterExtract.Whole);
        throw parts.Length < 2 || Sources.Contains(source, StringComparer.OrdinalIgnoreCase)
            ? new BadInputException($"{option} '{path}'", "a register is named DEVICE.REGISTER, DEVICE.REGISTER.FIELD or coreN.REGISTER")
            : new BadInputException($"{option} '{path}'", $"no device '{source}'; {NearestWord.Hint(source, Sources)}");
    }

    private void Add(string device, IEnumerable<NamedRegister> registers) => _devices[device] = [.. registers];

    private MachineCore? CoreOf(string source) =>
        source.StartsWith("core", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(source.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < _machine.Cores.Count
            ? _machine.Cores[index]
            : null;

    private (WatchedRegister Register, RegisterExtract Extract) OfDevice(string option, string path, string device, IReadOnlyList<NamedRegister> registers, string[] parts)
    {
        string wanted = Plain(parts[1], registers);
        NamedRegister register = registers.FirstOrDefault(r => r.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new BadInputException($"{option} '{path}'", $"{device} has no register '{wanted}'; {NearestWord.Hint(wanted, [.. registers.Select(r => r.Name)])}");
        RegisterExtract extract = RegisterExtract.Whole;
        string name = $"{device.ToLowerInvariant()}.{register.Name}";
        if (parts.Length == 3)
        {
            RegisterField? field = register.Fields.Cast<RegisterField?>().FirstOrDefault(f => f!.Value.Name.Equals(parts[2], StringComparison.OrdinalIgnoreCase));
            if (field is not { } known)
                throw new BadInputException($"{option} '{path}'", $"{name} has no field '{parts[2]}'; {NearestWord.Hint(parts[2], [.. register.Fields.Select(f => f.Name)])}");
            extract = new RegisterExtract(known.Low, known.Mask >> known.Low);
            name += "." + known.Name;
        }

        (Func<CounterShape?>? counter, Func<ulong>? change) = MotionOf(device, register.Name);
        bool derived = s_derived.Contains(register.Name) || register.Name.StartsWith("TnCMP", StringComparison.Ordinal)
            || (register.Name == "PM_TMR" && _machine.PowerManagement.Spec.TimerUnlatched);
        RegisterChange when = derived ? RegisterChange.Always : counter is null && change is null ? RegisterChange.WithEvents : RegisterChange.Counting;
        Func<ulong> read = register.Read;
        ClockDomain clock = device.Equals(_machine.Rtc.StateName, StringComparison.OrdinalIgnoreCase) ? _machine.Clocks.Rtc : _machine.Clocks.Pit;
        WatchedRegister watched = new(name, when, counter, -1, time => _machine.Events.Suppose(time, read))
        {
            NextChange = change is null ? null : now => TimeOf(clock, _machine.Events.Suppose(now, change)),
        };
        return (watched, extract);
    }

    /// <summary>What people call a register: <c>apic0.timer</c>, and comparator 2 of the HPET <c>T2CMP</c>.</summary>
    private static string Plain(string name, IReadOnlyList<NamedRegister> registers)
    {
        if (name.Equals("timer", StringComparison.OrdinalIgnoreCase) && registers.Any(r => r.Name == "TMCCT"))
            return "TMCCT";
        return name.Length > 2 && (name[0] is 'T' or 't') && char.IsAsciiDigit(name[1]) && registers.Any(r => r.Name == $"Tn{name[2..]}{name[1]}")
            ? $"Tn{name[2..]}{name[1]}"
            : name;
    }

    /// <summary>How a register moves by itself: as a counter, or at clocks that can be told; neither for one that does not.</summary>
    private (Func<CounterShape?>? Counter, Func<ulong>? Change) MotionOf(string device, string register)
    {
        bool isPit = device.Equals(_machine.Pit.StateName, StringComparison.OrdinalIgnoreCase);
        if (device.Equals(_machine.Rtc.StateName, StringComparison.OrdinalIgnoreCase))
            return (null, () => _machine.Rtc.NextChange);
        if (isPit && register.StartsWith("OUT", StringComparison.Ordinal))
            return (null, () => _machine.Pit.NextOutputChange(register[^1] - '0'));
        if (isPit && register.StartsWith("COUNT", StringComparison.Ordinal))
        {
            int counter = register[^1] - '0';
            return (
                () => _machine.Pit.CountsByOne(counter) ? new CounterShape(_machine.Clocks.Pit, 16, Down: true, 1) : null,
                () => _machine.Clocks.Pit.TicksAt(_machine.Events.Now) + 1);
        }

        switch (register)
        {
            case "MAIN_CNT":
                return (() => new CounterShape(_machine.Clocks.Hpet, _machine.Hpet.CounterWidth, Down: false, 1), null);
            case "PM_TMR":
                return (() => new CounterShape(_machine.Clocks.PowerManagementTimer, _machine.PowerManagement.Spec.TimerBits, Down: false, 1), null);
            case "TMCCT":
                Func<ulong> divider = DividerOf(device);
                return (() => new CounterShape(_machine.Clocks.Refclk, 32, Down: true, divider()), null);
            default:
                return (null, null);
        }
    }

    private static SimTime TimeOf(ClockDomain clock, ulong tick) => tick == ulong.MaxValue ? SimTime.Never : clock.TimeOf(tick);

    /// <summary>TDCR: bits 3, 1 and 0 from 000 to 110 divide by 2 to 128, 111 by 1 (AMD64 APM volume 2, 16.4.1).</summary>
    private Func<ulong> DividerOf(string device)
    {
        NamedRegister divide = _devices[device].First(r => r.Name == "TDCR");
        return () =>
        {
            ulong value = divide.Read();
            ulong code = (value & 3) | ((value >> 1) & 4);
            return 1UL << (int)((code + 1) & 7);
        };
    }

    private WatchedRegister OfCore(string option, string path, MachineCore core, string wanted)
    {
        TargetRegister[] known = [.. TargetRegisters.All.Where(r => r.Bytes <= WidestInteger)];
        TargetRegister register = known.FirstOrDefault(r => r.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new BadInputException($"{option} '{path}'", $"a core has no register '{wanted}'; {NearestWord.Hint(wanted, [.. known.Select(r => r.Name)])}");
        string name = $"core{core.Index}.{register.Name}";
        if (register.Name == "tsc")
        {
            ClockDomain clock = _machine.Clocks.Core;
            return new WatchedRegister(name, RegisterChange.Counting, () => new CounterShape(clock, 64, Down: false, 1), -1, time => core.Context.TscAt(clock.TicksAt(time)));
        }

        return new WatchedRegister(name, RegisterChange.Always, null, core.Index, _ =>
        {
            Span<byte> bytes = stackalloc byte[WidestInteger];
            bytes.Clear();
            register.Read(core, bytes[..register.Bytes]);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        });
    }
}
