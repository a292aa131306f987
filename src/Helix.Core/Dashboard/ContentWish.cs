using System.Globalization;

namespace Helix.Core.Dashboard;

/// <summary>In which form a file is sent.</summary>
internal enum ContentForm
{
    Plain,
    Gzip,
    Brotli,
}

/// <summary>What a client can take, as it says in its headers.</summary>
internal static class ContentWish
{
    /// <summary>The smallest form that it takes.</summary>
    /// <param name="acceptEncoding">The header as sent; null for none.</param>
    public static ContentForm FormOf(string? acceptEncoding) =>
        Takes(acceptEncoding, "br") ? ContentForm.Brotli : Takes(acceptEncoding, "gzip") ? ContentForm.Gzip : ContentForm.Plain;

    /// <summary>Its name in a header; null for the plain one.</summary>
    public static string? NameOf(ContentForm form) => form switch { ContentForm.Brotli => "br", ContentForm.Gzip => "gzip", _ => null };

    /// <summary>A browser that wants a page says so; programs that ask whether anybody is there do not.</summary>
    /// <param name="accept">The header as sent; null for none.</param>
    public static bool IsForPage(string? accept) => Takes(accept, "text/html");

    /// <summary>Whether what a client has is one of these.</summary>
    /// <param name="ifNoneMatch">The header as sent; null for none.</param>
    public static bool Has(string? ifNoneMatch, string tag) =>
        ifNoneMatch is not null && ifNoneMatch.Split(',', StringSplitOptions.TrimEntries).Any(each => each == "*" || each == tag || (each.StartsWith("W/", StringComparison.Ordinal) && each[2..] == tag));

    /// <summary>It stands in the list by its name, and is not refused by a weight of nothing.</summary>
    private static bool Takes(string? list, string name)
    {
        if (list is null) return false;
        foreach (var each in list.Split(','))
        {
            var parts = each.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Equals(name, StringComparison.OrdinalIgnoreCase)) return !parts.Skip(1).Any(IsNothing);
        }

        return false;
    }

    private static bool IsNothing(string part) =>
        part.StartsWith("q=", StringComparison.OrdinalIgnoreCase) && double.TryParse(part.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) && weight <= 0;
}
