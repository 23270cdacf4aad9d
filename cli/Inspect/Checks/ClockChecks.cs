namespace CoSim.Cli.Inspect.Checks;

/// <summary>All checks of a machine's clocks: what is declared first, then what is measured.</summary>
internal static class ClockChecks
{
    /// <summary>Makes the checks. The machine's timers are programmed for it, and some 12 s of simulated time pass.</summary>
    public static ClockCheckResult Run(CheckedMachine machine)
    {
        CheckList list = new();
        RegisterView registers = machine.Registers;
        AcpiView acpi = new(registers);
        ushort pmPort = AcpiChecks.PmTimerPort(acpi);
        ProcessorChecks.Add(list, registers);
        AcpiChecks.Add(list, registers, acpi);
        HpetChecks? hpet = HpetChecks.Add(list, registers, acpi);
        hpet?.Start();
        AwakeChecks.Add(list, machine.Awake);
        PmTimerLatchCheck.Add(list, registers, pmPort);
        Interval interval = Interval.Measure(registers, hpet, pmPort);
        RateChecks.Add(list, registers, interval, hpet, acpi);
        if (interval.Hpet > 0)
            hpet?.AddWidth(list);
        TimerWireCheck.Add(list, registers, hpet, acpi);
        RtcChecks.Add(list, registers);
        return new ClockCheckResult(machine.Machine.Spec.Model.Name, registers.Cores, interval.Span, list.Checks);
    }
}
