namespace Helix.Core.Planning;

/// <summary>How much of a model is computed on the device.</summary>
internal static class GpuLayers
{
    /// <summary>llama.cpp's buffers for one step, which are neither weights nor context.</summary>
    private const long StepBytes = 256L << 20;

    /// <summary>
    /// Layers that fit into nine tenths of what is free on the device, with their share of the context; one more than there are means all, the output included.
    /// What does not belong to a layer is counted as if it did, so that rather one layer too few is taken.
    /// </summary>
    /// <param name="freeBytes">Of the device; 0 where it does not say, and then nothing is put there.</param>
    /// <param name="contextBytes">Of all slots together.</param>
    public static int Fitting(long freeBytes, long weightBytes, long contextBytes, int layers)
    {
        var budget = (freeBytes / 10 * 9) - StepBytes;
        var whole = weightBytes + contextBytes;
        if (budget <= 0 || layers <= 0) return 0;
        return whole <= budget ? layers + 1 : (int)Math.Min(layers - 1, budget / Math.Max(1, (whole + layers - 1) / layers));
    }

    /// <summary>What to try after so many did not fit after all: half of them, in the end none.</summary>
    public static int Fewer(int layers) => layers / 2;
}
