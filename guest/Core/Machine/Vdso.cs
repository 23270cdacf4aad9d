using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>The data pages that the kernel maps directly below the vDSO's image, 4096 bytes each.</summary>
public static unsafe class VdsoPages
{
    [RuntimeImport("vvar_page"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void VvarPage();
    [RuntimeImport("pvclock_page"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void PvclockPage();
    [RuntimeImport("hvclock_page"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void HvclockPage();
    [RuntimeImport("timens_page"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void TimensPage();

    /// <summary>Image - 4 pages: the time data; in a time namespace, its offsets.</summary>
    public static byte* Vvar { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => (byte*)(delegate*<void>)&VvarPage; }
    /// <summary>Image - 3 pages.</summary>
    public static byte* Pvclock { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => (byte*)(delegate*<void>)&PvclockPage; }
    /// <summary>Image - 2 pages.</summary>
    public static byte* Hvclock { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => (byte*)(delegate*<void>)&HvclockPage; }
    /// <summary>Image - 1 page: in a time namespace, the time data of the root.</summary>
    public static byte* Timens { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => (byte*)(delegate*<void>)&TimensPage; }
}
