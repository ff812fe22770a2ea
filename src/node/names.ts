/** Short names from nature: easy to say, to tell apart and to remember. Their order is fixed: a node's name follows from its id. */
const NAMES = `
Acacia Acorn Adder Agate Alder Algae Alpine Amber Anemone Antler Apple Apricot Arbor Ash Aspen Aster Aurora Autumn Azalea Badger
Bamboo Basalt Basil Bay Beacon Bear Beech Beetle Berry Birch Bison Bloom Bluebell Boulder Bramble Breeze Briar Brook Buck Burdock
Buttercup Cactus Canyon Cardinal Caribou Cascade Cedar Cherry Chestnut Cicada Cirrus Clay Cliff Cloud Clover Cobalt Comet Coral
Cove Coyote Crane Creek Crest Cricket Crocus Crow Curlew Cypress Daffodil Dahlia Daisy Dale Dawn Deer Delta Dew Dove Dragonfly
Drift Dune Dusk Eagle Ebony Echo Egret Elder Elk Elm Ember Fable Falcon Fawn Fennel Fern Field Finch Fir Fjord Flax Flint Forest
Fox Foxglove Frost Gale Garnet Geyser Ginger Glacier Glade Glen Gneiss Goose Gorse Granite Grove Gull Harbor Hare Hawk Hazel Heath
Heather Heron Hickory Holly Honey Hop Ibis Iris Island Ivy Jade Jasmine Jasper Jay Juniper Kelp Kestrel Kite Lagoon Lake Larch Lark
Laurel Lava Lavender Leaf Lichen Lilac Lily Linden Lotus Lupin Lynx Magnolia Mallow Maple Marble Marsh Meadow Mesa Mica Mint Mist
Moon Moor Moss Myrtle Nectar Newt Nettle Oak Oasis Ocean Olive Onyx Opal Orchid Osprey Otter Owl Pear Pebble Petal Pine Plover Plum
Pond Poplar Poppy Prairie Quail Quartz Rain Raven Reed Reef Ridge River Robin Rowan Rush Saffron Sage Sand Seal Sedge Sequoia Shale
Shore Sky Slate Snow Sorrel Sparrow Spruce Star Stone Storm Stork Summit Sun Swan Swift Sycamore Tansy Teal Tern Thistle Thrush Thyme
Tide Topaz Tulip Tundra Valley Vine Violet Vole Wave Willow Wind Wren Yarrow Yew Zinnia
`
  .trim()
  .split(/\s+/);

export const NAME_COUNT = NAMES.length;

/** The name that a node with this id carries until somebody gives it another. */
export function nameFor(nodeId: Uint8Array): string {
  const view = new DataView(nodeId.buffer, nodeId.byteOffset, nodeId.byteLength);
  return NAMES[view.getUint32(0) % NAMES.length] ?? 'Node';
}
