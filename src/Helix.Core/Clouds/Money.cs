using System.Globalization;

namespace Helix.Core.Clouds;

/// <summary>US dollars, counted in billionths: whole numbers add up without a rest.</summary>
internal readonly record struct Money(long Nanos)
{
    private const decimal PerDollar = 1_000_000_000m;

    public static Money Zero => default;

    public decimal Dollars => Nanos / PerDollar;

    /// <summary>Rounded up, so that nothing costs less than it does; beyond what can be counted, the most that can.</summary>
    public static Money Of(decimal dollars)
    {
        const decimal most = long.MaxValue / PerDollar;
        return new(dollars >= most ? long.MaxValue : (long)decimal.Ceiling(dollars * PerDollar));
    }

    /// <summary>Never wraps around.</summary>
    public static Money operator +(Money a, Money b) => Sum(a.Nanos, b.Nanos);

    public static Money operator -(Money a, Money b) => Sum(a.Nanos, -(Int128)b.Nanos);

    public static bool operator >(Money a, Money b) => a.Nanos > b.Nanos;

    public static bool operator <(Money a, Money b) => a.Nanos < b.Nanos;

    private static Money Sum(Int128 a, Int128 b) => new((long)Int128.Clamp(a + b, long.MinValue, long.MaxValue));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"${Dollars:0.00##}");
}
