using System.Globalization;
using Helix.Core.Fleet;
using Helix.Models;

namespace Helix.Gateway;

/// <summary>What tells a model from every other, also from one that had its name before.</summary>
internal static class ModelMark
{
    /// <param name="provider">That is to answer or has answered; null for whoever does.</param>
    /// <param name="library">Knows the digests of models; null where there is none.</param>
    public static string Of(ServedModel model, string? provider, ModelLibrary? library) =>
        string.Create(CultureInfo.InvariantCulture, $"{provider}/{model.Id}/{library?.Current.Find(model.Id)?.Sha256 ?? $"{model.Added.UtcTicks}"}");
}
