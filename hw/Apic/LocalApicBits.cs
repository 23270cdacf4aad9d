namespace CoSim.Hw.Apic;

/// <summary>ESR bits (APM figure 16-14).</summary>
internal static class LocalApicErrors
{
    public const byte SendAccept = 1 << 2;
    public const byte SendIllegalVector = 1 << 5;
    public const byte ReceiveIllegalVector = 1 << 6;
    public const byte IllegalRegister = 1 << 7;
}

/// <summary>Bits of local vector table entries.</summary>
internal static class LvtFields
{
    public const uint RemoteIrr = 1 << 14;
    public const uint Level = 1 << 15;
    public const uint Masked = 1 << 16;
    public const uint TimerPeriodic = 1 << 17;
}

/// <summary>Bits of SVR.</summary>
internal static class SpuriousFields
{
    public const ulong SoftwareEnable = 1 << 8;
    public const ulong FocusDisable = 1 << 9;
    public const ulong SuppressBroadcast = 1 << 12;
}

/// <summary>Bits of ICR's low half.</summary>
internal static class CommandFields
{
    public const uint Logical = 1 << 11;
    public const uint DeliveryStatus = 1 << 12;
    public const uint Assert = 1 << 14;
    public const uint Level = 1 << 15;
}

/// <summary>Bits of the extended APIC control register, 410h.</summary>
internal static class ExtendedControlFields
{
    public const ulong InterruptEnableEnable = 1 << 0;
    public const ulong SpecificEoiEnable = 1 << 1;
}
