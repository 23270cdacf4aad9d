namespace CoSim.Os.Timekeeping;

/// <summary>Capabilities that time calls ask for. There is one user namespace, in which root has them all.</summary>
internal static unsafe class Capability
{
    /// <summary>CAP_SYS_ADMIN: namespaces.</summary>
    internal static bool Admin(Task* task) => task->Euid == 0;

    /// <summary>CAP_SYS_TIME: setting clocks and offsets.</summary>
    internal static bool SetTime(Task* task) => task->Euid == 0;

    /// <summary>CAP_WAKE_ALARM: timers on the alarm clocks.</summary>
    internal static bool WakeAlarm(Task* task) => task->Euid == 0;
}
