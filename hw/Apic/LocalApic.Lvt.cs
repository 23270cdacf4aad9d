using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>The local vector table, its inputs, the timer and the error register (APM 16.4).</summary>
public sealed partial class LocalApic
{
    private const int Lint0 = 0;
    private const int Lint1 = 1;
    private byte _inputs;
    private byte _remoteIrr;
    private byte _errors;
    private byte _reportedErrors;

    internal uint TimerInitialCount => _timer.InitialCount;

    internal uint TimerDivide => _timer.DivideConfiguration;

    internal byte ErrorStatus => _reportedErrors;

    /// <summary>ExtINT is waiting: by message, by LINT0 in ExtINT mode, or by the bare INTR pin while the APIC is disabled.</summary>
    private bool ExternalWaiting
    {
        get
        {
            if (!Enabled)
            {
                return InputLevel(Lint0);
            }

            return _externalMessage || WaitsForExternal(Lint0) || WaitsForExternal(Lint1);
        }
    }

    /// <summary>The processor's INIT input, driven by the board: the APIC's registers go back to their reset values, as by an INIT IPI.</summary>
    public void RaiseInit()
    {
        ResetRegisters();
        _core.RaiseInit();
    }

    /// <inheritdoc/>
    public void RaisePerformanceInterrupt()
    {
        SetInput(PerformanceInput, true);
        SetInput(PerformanceInput, false);
    }

    private const int PerformanceInput = 3;

    /// <summary>Drives an input; see the remarks of the class for the numbers.</summary>
    public void SetInput(int pin, bool asserted)
    {
        bool was = InputLevel(pin);
        _inputs = (byte)(asserted ? _inputs | (1 << pin) : _inputs & ~(1 << pin));
        if (!Enabled)
        {
            if (pin == Lint1 && asserted && !was)
            {
                _core.RaiseNmi();
            }

            UpdateRequest();
            return;
        }

        uint entry = LvtOf(pin);
        bool level = pin <= Lint1 && (entry & LvtFields.Level) != 0 && ModeOf(entry) == DeliveryMode.Fixed;
        if (asserted && ((level && !HasRemoteIrr(pin)) || (!level && !was)))
        {
            RaiseLocal(entry, pin, level);
        }

        UpdateRequest();
    }

    internal void WriteLvtTimer(uint value)
    {
        _timer.SetMode((value & LvtFields.TimerPeriodic) != 0, (value & LvtFields.Masked) == 0);
        ReportProgrammed();
    }

    internal void WriteTimerInitialCount(uint value)
    {
        _timer.Start(value);
        ReportProgrammed();
    }

    internal void WriteTimerDivide(uint value)
    {
        _timer.SetDivide(value & 0xB);
        ReportProgrammed();
    }

    internal void ReportTimerRead() => _services.Probe?.ClockRead(_timerName, _services.Now, TimerCount);

    /// <summary>A local vector was written: level inputs that are active may be let in now.</summary>
    internal void LocalVectorWritten(int pin)
    {
        uint entry = LvtOf(pin);
        bool level = pin <= Lint1 && (entry & LvtFields.Level) != 0 && ModeOf(entry) == DeliveryMode.Fixed;
        if (level && InputLevel(pin) && !HasRemoteIrr(pin))
        {
            RaiseLocal(entry, pin, level);
        }

        UpdateRequest();
    }

    internal uint LintValue(int pin) => LvtOf(pin) | (HasRemoteIrr(pin) ? LvtFields.RemoteIrr : 0);

    /// <summary>SVR: turning the APIC off by software masks every local vector; they stay masked when it comes back (APM 16.4.7).</summary>
    internal void WriteSpurious(uint value)
    {
        if ((value & SpuriousFields.SoftwareEnable) == 0)
        {
            foreach (int offset in LocalApicRegisters.LocalVectors)
            {
                _registers.Store(offset, _registers.Stored(offset) | LvtFields.Masked);
            }

            _timer.SetMode(_timer.Periodic, observed: false);
        }

        UpdateRequest();
    }

    /// <summary>A write to ESR shows the errors since the last one (APM 16.4.6).</summary>
    internal void LatchErrors()
    {
        _reportedErrors = _errors;
        _errors = 0;
    }

    internal void ReportSendAcceptError() => ReportError(LocalApicErrors.SendAccept);

    /// <summary>While the APIC is off by software, local vectors cannot be unmasked.</summary>
    internal ulong WithForcedMask(ulong entry) => AcceptsFixed ? entry : entry | LvtFields.Masked;

    internal void StoreLocalVector(int offset, ulong value) => _registers.Store(offset, WithForcedMask(value));

    private static DeliveryMode ModeOf(uint entry) => (DeliveryMode)((entry >> 8) & 7);

    private bool InputLevel(int pin) => (_inputs & (1 << pin)) != 0;

    private bool HasRemoteIrr(int pin) => (_remoteIrr & (1 << pin)) != 0;

    private uint LvtOf(int pin) => (uint)_registers.Stored(LocalApicRegisters.LocalVectorOfInput(pin));

    private bool WaitsForExternal(int pin)
    {
        uint entry = LvtOf(pin);
        return InputLevel(pin) && ModeOf(entry) == DeliveryMode.External && (entry & LvtFields.Masked) == 0;
    }

    private void RaiseLocal(uint entry, int pin, bool level)
    {
        if ((entry & LvtFields.Masked) != 0)
        {
            return;
        }

        switch (ModeOf(entry))
        {
            case DeliveryMode.Fixed:
                if (AcceptFixed((byte)entry, level, InterruptOrigin.LocalInput) && level)
                {
                    _remoteIrr |= (byte)(1 << pin);
                }

                break;
            case DeliveryMode.Nmi:
                _core.RaiseNmi();
                break;
            case DeliveryMode.Smi:
                _core.RaiseSmi();
                break;
            case DeliveryMode.Init:
                ResetRegisters();
                _core.RaiseInit();
                break;
        }
    }

    private void EndLocalLevel(byte vector)
    {
        for (int pin = Lint0; pin <= Lint1; pin++)
        {
            if (HasRemoteIrr(pin) && (byte)LvtOf(pin) == vector)
            {
                _remoteIrr &= (byte)~(1 << pin);
                LocalVectorWritten(pin);
            }
        }
    }

    private void ReportError(byte error)
    {
        bool first = (_errors & error) == 0;
        _errors |= error;
        uint entry = (uint)_registers.Stored(LocalApicRegisters.LvtError);
        if (first && (entry & LvtFields.Masked) == 0 && (byte)entry >= 16)
        {
            AcceptFixed((byte)entry, level: false, InterruptOrigin.LocalInput);
        }
    }

    private void TimerExpired()
    {
        _services.Probe?.TimerExpired(_timerName, _services.Now);
        AcceptFixed((byte)_registers.Stored(LocalApicRegisters.LvtTimer), level: false, InterruptOrigin.LocalTimer);
    }

    private void ReportProgrammed() => _services.Probe?.TimerProgrammed(_timerName, _services.Now, _timer.ExpiryTime);
}
