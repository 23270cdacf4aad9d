using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>The bounds of the running image, as the linker laid it out. Starts are page aligned.</summary>
public static unsafe class Image
{
    [RuntimeImport("image_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ImageStart();
    [RuntimeImport("image_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ImageEnd();
    [RuntimeImport("text_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void TextStartSymbol();
    [RuntimeImport("text_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void TextEndSymbol();
    [RuntimeImport("rodata_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RodataStart();
    [RuntimeImport("rodata_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RodataEnd();
    [RuntimeImport("data_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void DataStartSymbol();

    /// <summary>First address of the image (kernel: of its upper-half part).</summary>
    public static ulong Start => Machine.Address(&ImageStart);
    /// <summary>One past the last address, zeroed data included.</summary>
    public static ulong End => Machine.Address(&ImageEnd);
    /// <summary>Instructions.</summary>
    public static ulong TextStart => Machine.Address(&TextStartSymbol);
    /// <summary>End of the instructions.</summary>
    public static ulong TextEnd => Machine.Address(&TextEndSymbol);
    /// <summary>Constants and embedded files.</summary>
    public static ulong ReadOnlyStart => Machine.Address(&RodataStart);
    /// <summary>End of the constants.</summary>
    public static ulong ReadOnlyEnd => Machine.Address(&RodataEnd);
    /// <summary>Writable data; zeroed data follow up to <see cref="End"/>.</summary>
    public static ulong DataStart => Machine.Address(&DataStartSymbol);
}
