using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Gateway;

/// <summary>Says in a refusal which of the providers that helix knows could do what was asked for.</summary>
/// <param name="manifests">Of this moment.</param>
internal sealed class Offers(Func<IEnumerable<Manifest>> manifests)
{
    public GatewayError With(GatewayError error, InferenceRoute route) => RouteOffers.With(error, route.Needs, manifests);

    /// <returns>Null where one of the model's engines knows all parameters that are asked for.</returns>
    public UnknownParameters? Unknown(ServedModel model, InferenceRoute route, RequestParameters asked, ClientDialect dialect) => UnknownParameters.Of(model, route, asked, dialect, manifests);
}
